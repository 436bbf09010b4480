"""What the dashboard shows beside the job that runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nisam.jobs.models import FINISHED, Job
from nisam.lib.durations import duration_words
from scraping.channel_health import ChannelHealth, channel_health
from scraping.host_health import HostHealth, host_health

MOST_JOBS = 8


@dataclass(frozen=True)
class JobRow:
    """A job in a line."""

    job: Job
    title: str
    took: str


@dataclass(frozen=True)
class Overview:
    """The dashboard at a moment; `job` is the one that is shown in full: the newest that runs, or else waits."""

    now: datetime
    job: Job | None
    title: str
    others: Sequence[JobRow]
    ended: Sequence[JobRow]
    channels: ChannelHealth
    hosts: Sequence[HostHealth]


def overview(now: datetime) -> Overview:
    """What runs, what ended last, how the channels and the hosts are; a fixed number of statements."""
    jobs = Job.objects.with_first_target()
    active = [_row(job) for job in jobs.active().order_by("-status", "-created_at", "-id")[:MOST_JOBS]]
    ended = jobs.filter(status__in=FINISHED).order_by("-completed_at")[:MOST_JOBS]
    return Overview(
        now=now,
        job=active[0].job if active else None,
        title=active[0].title if active else "",
        others=active[1:],
        ended=[_row(job) for job in ended],
        channels=channel_health(now),
        hosts=host_health(now),
    )


def _row(job: Any) -> JobRow:
    return JobRow(job, job.headline(job.first_target), duration_words(job.duration))
