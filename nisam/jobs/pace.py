"""How fast jobs are: of late while they run, on average when they have ended."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from nisam.jobs.models import FINISHED, Job, JobItem, Status

# “Of late” is the last two minutes: long enough to be steady, short enough to show a change.
WINDOW = timedelta(minutes=2)
# Who has only just begun is not credited with thousands a minute.
SHORTEST = timedelta(seconds=5)


@dataclass(frozen=True)
class Pace:
    """Videos seen and channels done with, each per minute."""

    videos: float = 0.0
    channels: float = 0.0


def measure(jobs: Sequence[Job]) -> dict[uuid.UUID, Pace]:
    """The pace of each of these jobs; one statement for all that run, none for the rest.

    A job that has ended: everything it did, over its whole time. One that runs: what it did in the last `WINDOW` (or
    since it began), over that time. An item's videos are taken as spread evenly over the time it was worked on, so of
    one that took four minutes and ended now half of its videos count. One that was begun again has some from before,
    nobody knows how many: its videos are spread over the time since the job began.
    """
    now = timezone.now()
    going_on = [job for job in jobs if job.status == Status.RUNNING and job.started_at]
    done = _done_of_late(going_on, now) if going_on else {}
    paces = {job.pk: _average(job) for job in jobs if job.status in FINISHED}
    for job in going_on:
        videos, channels = done.get(job.pk, (0.0, 0))
        minutes = _minutes(min(now - (job.started_at or now), WINDOW))
        paces[job.pk] = Pace(round(videos / minutes, 1), round(channels / minutes, 1))
    return defaultdict(Pace, paces)


def _average(job: Job) -> Pace:
    if not job.duration:
        return Pace()
    minutes = _minutes(job.duration)
    return Pace(round(job.found / minutes, 1), round(job.processed_channels / minutes, 1))


def _minutes(span: timedelta) -> float:
    return max(span, SHORTEST) / timedelta(minutes=1)


def _done_of_late(jobs: Sequence[Job], now: datetime) -> dict[uuid.UUID, tuple[float, int]]:
    """For each job: videos seen and channels ended since `now - WINDOW`."""
    since = now - WINDOW
    siblings = JobItem.objects.active().filter(job=OuterRef("job"), channel_id=OuterRef("channel_id"))
    items = JobItem.objects.filter(Q(status=Status.RUNNING) | Q(completed_at__gte=since), job__in=jobs)
    ended_channels = defaultdict(set)
    videos: dict[uuid.UUID, float] = defaultdict(float)
    began = {job.pk: job.started_at for job in jobs}
    fields = ("job_id", "channel_id", "found", "attempt", "started_at", "completed_at", "goes_on")
    rows = items.annotate(goes_on=Exists(siblings)).values_list(*fields)
    for job_id, channel_id, found, attempt, started_at, completed_at, goes_on in rows:
        videos[job_id] += found * _share(began[job_id] if attempt > 1 else started_at, completed_at or now, since)
        if channel_id and not goes_on:
            ended_channels[job_id].add(channel_id)
    return {job.pk: (videos[job.pk], len(ended_channels[job.pk])) for job in jobs}


def _share(started_at: datetime | None, until: datetime, since: datetime) -> float:
    """The part of an item's time that lies in the window, 0 to 1."""
    if started_at is None:  # cancelled before anybody began
        return 0.0
    return 1.0 if started_at >= since else (until - since) / (until - started_at)
