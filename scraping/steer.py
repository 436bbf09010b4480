"""Steering the schedule: on and off, how often, and how it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min
from django_celery_beat.models import PeriodicTask

from channels.models import Channel, ChannelTab
from nisam import schedule as regular
from nisam.jobs.models import Job
from nisam.lib.errors import OperationError
from nisam.presence.look import Presence, look
from scraping.models import Schedule
from scraping.rhythm import Bounds, words
from scraping.schedule import DUE

DISPATCH = "scraping.dispatch_due"
# Everything that Beat starts work by; the reaper and the pruning go on when the schedule is off.
SWITCHED = (DISPATCH, "scraping.dispatch_details")
TICK = timedelta(minutes=1)


class BoundsError(OperationError):
    """Intervals of which a shorter one is meant to be the longer one."""

    code = "intervals_out_of_order"
    permanent = True

    def __init__(self, bounds: Bounds) -> None:
        shortest, usual, longest = map(words, (bounds.shortest, bounds.usual, bounds.longest))
        super().__init__(
            f"The shortest interval ({shortest}), the usual one ({usual}) and the longest ({longest}) must be in order."
        )


@dataclass(frozen=True)
class State:
    """How the schedule is.

    `last_run`: when what was due was last handed out; `next_run`: when there is something to hand out again, None while
    the schedule is off or nothing is scheduled; `is_running`: whether a job that the schedule made is not done;
    `overdue_channels`: channels that should have been handed out more than five minutes ago: a list of theirs, or the
    question who they are.
    """

    is_enabled: bool
    bounds: Bounds
    last_run: datetime | None
    next_run: datetime | None
    is_running: bool
    overdue_channels: int
    presence: Presence


def state(now: datetime) -> State:
    """What is true at this moment; seven statements."""
    is_enabled = PeriodicTask.objects.filter(task=DISPATCH, enabled=True).exists()
    row = Schedule.load()
    return State(
        is_enabled=is_enabled,
        bounds=Bounds.of(row),
        last_run=row.dispatched_at,
        next_run=_next_run(row.dispatched_at, now) if is_enabled else None,
        is_running=Job.objects.active().filter(type=DUE).exists(),
        overdue_channels=ChannelTab.objects.overdue_channels(now),
        presence=look(now),
    )


def _next_run(last_run: datetime | None, now: datetime) -> datetime | None:
    read = ChannelTab.objects.filter(is_followed=True, channel__is_active=True)
    unknown = Channel.objects.filter(is_active=True)
    firsts = (read.aggregate(first=Min("next_check_at")), unknown.aggregate(first=Min("resolve_at")))
    first_due = min((row["first"] for row in firsts if row["first"]), default=None)
    next_tick = max(last_run + TICK, now) if last_run else now
    return max(first_due, next_tick) if first_due else None


def switch(*, is_enabled: bool) -> None:
    """Let Beat hand out what is due, or not; adds the ticks that somebody has deleted."""
    with transaction.atomic():
        regular.install()
        for task in PeriodicTask.objects.select_for_update().filter(task__in=SWITCHED).exclude(enabled=is_enabled):
            task.enabled = is_enabled
            task.save()  # tells Beat, as an update would not


def set_bounds(**minutes: int | None) -> None:
    """Set what an operator wants instead of the settings: usual_, shortest_ and longest_minutes; None takes it back.

    Raises BoundsError when they would be out of order.
    """
    if not minutes:
        return
    with transaction.atomic():
        row, _ = Schedule.objects.update_or_create(pk=1, defaults=minutes)
        bounds = Bounds.of(row)
        if not bounds.shortest <= bounds.usual <= bounds.longest:
            raise BoundsError(bounds)
