"""When a tab is looked at next, and the dispatch of those whose time has come."""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from channels.follow import channel_target, tab_target
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Job
from nisam.jobs.start import start
from nisam.lib.errors import OperationError

DUE = "scheduler_incremental"
# Tabs handed to one job; more wait for the next minute.
BATCH = 500
JITTER = 0.1


def next_check(tab: ChannelTab) -> datetime:
    """After a success: one interval from now, give or take a tenth, so that channels added together drift apart."""
    minutes = tab.channel.interval_minutes or settings.SCRAPE_INTERVAL_MINUTES
    return timezone.now() + _jittered(timedelta(minutes=minutes))


def next_check_after(error: OperationError) -> datetime:
    """After a failure: what its class says is worth it. Nothing is given up for ever by one answer."""
    return timezone.now() + _jittered(error.retry_after)


def _jittered(wait: timedelta) -> timedelta:
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, guards no secret


def dispatch_due() -> Job | None:
    """Start one job for the tabs and the unresolved channels that are due; None when nothing is.

    Each is put off by an interval in the same transaction, so that a second Beat finds nothing to do; a tab that
    is being read already is left to the job that reads it.
    """
    now = timezone.now()
    with transaction.atomic():
        due = list(ChannelTab.objects.due(now).select_related("channel")[:BATCH])
        targets = [tab_target(tab, tab.channel) for tab in due if _put_off(tab, now)]
        unknown = list(Channel.objects.to_resolve(now)[:BATCH])
        targets += [channel_target(channel) for channel in unknown if _put_off_resolving(channel, now)]
        if not targets:
            return None
        started = start(DUE, targets, requested_by="schedule", options={"full": False})
    return started.job if started.created else None


def _put_off(tab: ChannelTab, now: datetime) -> bool:
    return bool(ChannelTab.objects.filter(pk=tab.pk, next_check_at__lte=now).update(next_check_at=next_check(tab)))


def _put_off_resolving(channel: Channel, now: datetime) -> bool:
    later = now + timedelta(minutes=settings.SCRAPE_INTERVAL_MINUTES)
    return bool(Channel.objects.filter(pk=channel.pk, resolve_at__lte=now).update(resolve_at=later))
