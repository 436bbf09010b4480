"""What the dashboard shows beside the job that runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nisam.jobs.models import FINISHED, Job
from nisam.lib.durations import duration_words
from scraping.channel_health import ChannelHealth, channel_health
from scraping.charts import Charts, charts
from scraping.host_health import HostHealth, host_health
from scraping.steer import TICK, State, state

MOST_JOBS = 8


@dataclass(frozen=True)
class JobRow:
    """A job in a line."""

    job: Job
    title: str
    took: str
    ago: str


@dataclass(frozen=True)
class Interval:
    """A field of the form that sets the schedule's intervals: the API's name of it."""

    name: str
    label: str
    minutes: int


@dataclass(frozen=True)
class Overview:
    """The dashboard at a moment; `job` is the one that is shown in full: the newest that runs, or else waits."""

    now: datetime
    job: Job | None
    title: str
    others: Sequence[JobRow]
    ended: Sequence[JobRow]
    schedule: State
    channels: ChannelHealth
    hosts: Sequence[HostHealth]
    charts: Charts

    @property
    def soon(self) -> datetime:
        """What comes before that comes with Beat's next tick."""
        return self.now + TICK

    @property
    def last_run_ago(self) -> str:
        """How long ago what was due was handed out; a dash for never."""
        return duration_words(self.now - self.schedule.last_run if self.schedule.last_run else None)

    @property
    def intervals(self) -> list[Interval]:
        """The schedule's intervals as a form shows them."""
        bounds = self.schedule.bounds
        fields = ("shortestIntervalHours", "at least", bounds.shortest), ("intervalHours", "usually", bounds.usual)
        longest = "longestIntervalHours", "at most", bounds.longest
        return [Interval(name, label, round(span / timedelta(minutes=1))) for name, label, span in (*fields, longest)]


def overview(now: datetime) -> Overview:
    """What runs, what ended last, how the channels and the hosts are; a fixed number of statements."""
    jobs = Job.objects.with_first_target()
    active = [_row(job, now) for job in jobs.active().order_by("-status", "-created_at", "-id")[:MOST_JOBS]]
    ended = jobs.filter(status__in=FINISHED).order_by("-completed_at")[:MOST_JOBS]
    return Overview(
        now=now,
        job=active[0].job if active else None,
        title=active[0].title if active else "",
        others=active[1:],
        ended=[_row(job, now) for job in ended],
        schedule=state(now),
        channels=channel_health(now),
        hosts=host_health(now),
        charts=charts(now),
    )


def _row(job: Any, now: datetime) -> JobRow:
    ago = duration_words(now - job.completed_at) if job.completed_at else ""
    return JobRow(job, job.headline(job.first_target), duration_words(job.duration), ago)
