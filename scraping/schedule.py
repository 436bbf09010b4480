"""The dispatch of what is due: lists, channels nobody knows yet, and videos whose own page is to be read."""

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from channels.follow import channel_target, look_targets
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Job
from nisam.jobs.start import Target, start
from scraping.door import host_of
from scraping.models import Host, Schedule
from scraping.room import Room
from videos.details import DETAILS, details_targets
from videos.models import Video

DUE = "scheduler_incremental"
# Handed to one job of each platform; more wait for the next minute.
BATCH = 500
# What was handed out is due again after so long, should its job come to nothing; its look sets the real time.
PUT_OFF = timedelta(hours=1)


def dispatch_due(*, requested_by: str = "schedule") -> Job | None:
    """Start one job for the tabs and the unresolved channels that are due; None when nothing is. Notes that it ran.

    Of each host as many as it can take within two minutes: the rest stays due and in order, and work that an operator
    asks for does not wait behind thousands. Each is put off in the same transaction, so that a second Beat finds
    nothing to do; what is being read already is left to the job that reads it.
    """
    now = timezone.now()
    with transaction.atomic():
        # First, because its lock makes a second dispatch wait: both would fill the same room.
        Schedule.objects.update_or_create(pk=1, defaults={"dispatched_at": now})
        room = Room()
        due = [
            tab
            for rows in ChannelTab.objects.due_by_platform(now)
            for tab in _fitting(rows, room, "channel_id", "channel__url")
        ]
        ChannelTab.objects.filter(pk__in=[tab.pk for tab in due]).update(next_check_at=now + PUT_OFF)
        unknown = _fitting(Channel.objects.to_resolve(now), room, "pk", "url")
        Channel.objects.filter(pk__in=[channel.pk for channel in unknown]).update(resolve_at=now + PUT_OFF)
        targets = [*_looks(due), *map(channel_target, unknown)]
        if not targets:
            return None
        started = start(DUE, targets, requested_by=requested_by, options={"full": False})
    return started.job if started.created else None


def dispatch_details() -> Job | None:
    """Start a job for the videos whose own page is to be read, within each host's budget; None when there is none.

    The budget of a day is spent evenly over what is left of it, so that it never comes as a burst.
    """
    now = timezone.now()
    with transaction.atomic():
        due = [video for rows in _details_due(now) for video in _taken(rows)]
        by_host: dict[str, list[Video]] = defaultdict(list)
        for video in due:
            by_host[host_of(video.url)].append(video)
        chosen = [video for host, videos in sorted(by_host.items()) for video in _within_budget(host, videos, now)]
        if not chosen:
            return None
        Video.objects.filter(pk__in=[video.pk for video in chosen]).update(details_due_at=now + PUT_OFF)
        started = start(DETAILS, details_targets(chosen), requested_by="schedule")
    return started.job if started.created else None


def _details_due(now: datetime) -> "list[QuerySet[Video]]":
    """Apart for each host, so that one with very many, or one that rests, keeps no other waiting."""
    due = Video.objects.details_due(now)
    channels: dict[str, list[UUID]] = defaultdict(list)
    for channel_id, url in due.order_by().values_list("channel_id", "channel__url").distinct():
        channels[host_of(url)].append(channel_id)
    return [due.filter(channel__in=of_host) for of_host in channels.values()]


def _within_budget(host_name: str, videos: list[Video], now: datetime) -> list[Video]:
    host, _ = Host.objects.select_for_update().get_or_create(name=host_name)
    if host.open_until and host.open_until > now:  # after that the first of them is the probe
        return []
    if host.details_day != now.date():
        host.details_day, host.details_count = now.date(), 0
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    minutes_left = max((midnight - now).total_seconds() / 60, 1)
    share = math.ceil((settings.DETAILS_PER_DAY - host.details_count) / minutes_left)
    chosen = videos[: max(share, 0)]
    host.details_count += len(chosen)
    host.save(update_fields=["details_day", "details_count"])
    return chosen


def _fitting(rows: "QuerySet[Any]", room: Room, *channel: str) -> list[Any]:
    """The first of these rows that there is room for, locked; `channel` names the columns of its key and its address.

    All that is due is looked at, because what comes first may be of hosts that are full, or that rest.
    """
    keys = list(islice(room.let_in(rows.values_list("pk", *channel)), BATCH))
    return _taken(rows.filter(pk__in=keys))


def _taken(rows: "QuerySet[ChannelTab] | QuerySet[Channel] | QuerySet[Video]") -> list:  # type: ignore[type-arg]
    """The first of these rows, locked; those that another Beat is handing out at this moment are left to it."""
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:BATCH])


def _looks(tabs: Iterable[ChannelTab]) -> list[Target]:
    by_channel: dict[Channel, list[ChannelTab]] = defaultdict(list)
    for tab in tabs:
        by_channel[tab.channel].append(tab)
    return [target for channel, due in by_channel.items() for target in look_targets(channel, due)]
