"""What the first page of a fleet shows: how it is, what goes on, what somebody should look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from dbadmin.batch.wish import deed_of
from dbadmin.charts import charts
from dbadmin.fleets import Fleet
from dbadmin.metrics import PERIODS, metrics_of
from dbadmin.models import Alert, Health, What
from dbadmin.scan.start import SCAN
from dbadmin.states import Flag
from dbadmin.status import FleetStatus, status_of
from nisam.jobs.models import Job
from nisam.jobs.registry import progress_of
from nisam.lib.charts import Chart
from nisam.lib.durations import duration_words
from nisam.lib.numbers import number_of

DATABASE_JOBS = (SCAN, *(f"database_{what}" for what in What))
MOST_JOBS, MOST_ALERTS = 8, 10
# What each state means for whoever looks after the fleet.
MEANINGS = {
    Health.CURRENT: "all that the newest version has",
    Health.OUTDATED: "whole, of an older version",
    Health.INCOMPLETE: "something of its version is missing or changed",
    Health.UNVERSIONED: "does not say its version",
    Health.UNKNOWN_VERSION: "a version that nobody knows; never modified",
    Health.CORRUPT: "damaged; rows can be salvaged",
    Health.UNREADABLE: "could not be opened",
    Health.MISSING: "the file is gone",
    Health.DRIFTED: "the schema is not its version's",
    Health.FAILED: "the last change failed",
}
FLAG_MEANINGS = {
    Flag.CHECKSUM_MISMATCH: "the checksum it says is not its version's",
    Flag.COLUMN_ORDER: "columns are in another order",
    Flag.CONSTRAINT_VIOLATIONS: "rows break a rule of the schema",
    Flag.FK_VIOLATIONS: "rows refer to rows that are not there",
    Flag.INDEX_DAMAGE: "an index is not what its table says",
    Flag.FTS_DAMAGE: "a full text index is not what its content says",
    Flag.STALE: "could not be read at the last look",
}
_GOOD, _WAITING = {Health.CURRENT}, {Health.OUTDATED, Health.UNVERSIONED}


@dataclass(frozen=True)
class Tile:
    """A number of databases in one state, and the query of their list; `tone` is good, wait, bad or empty."""

    query: str
    words: str
    number: int
    meaning: str
    tone: str


@dataclass(frozen=True)
class VersionShare:
    """How many databases say one version; `name` is none for those that say no version."""

    name: str
    number: int


@dataclass(frozen=True)
class JobLine:
    """A job in a line."""

    job: Job
    words: str
    took: str
    ago: str


@dataclass(frozen=True)
class Overview:
    """A fleet at a moment; `progress` is that of the scan that runs, in databases."""

    status: FleetStatus
    age: str
    scan: Job | None
    progress: Any
    statuses: Sequence[Tile]
    marks: Sequence[Tile]
    versions: Sequence[VersionShare]
    latest: int
    alerts: Sequence[Alert]
    open_alerts: int
    jobs: Sequence[JobLine]
    charts: Sequence[Chart]
    durations: dict[str, int | None]
    most_failing: Sequence[dict[str, Any]]

    @property
    def to_do(self) -> int:
        """Databases that are not as they should be."""
        return self.status.counts.total - self.status.counts.health[Health.CURRENT]


def overview(fleet: Fleet, now: datetime, period: str) -> Overview:
    """A fleet now, with the figures of a period; a fixed number of statements, and no look at any file."""
    status = status_of(fleet.name)
    scan = Job.objects.filter(pk=status.job_id).first() if status.job_id else None
    since = now - PERIODS[period]
    metrics = metrics_of(fleet.name, since)
    alerts = Alert.objects.filter(record__fleet=fleet.name, acknowledged_at=None)
    health, flags = status.counts.health, status.counts.flags
    return Overview(
        status=status,
        age=duration_words(now - status.timestamp) if status.timestamp else "",
        scan=scan,
        progress=progress_of(scan) if scan else {},
        statuses=[_tile(word, health) for word in (*list(Health)[:7], Health.MISSING)],
        marks=[
            *(_tile(word, health) for word in (Health.DRIFTED, Health.FAILED) if health[word]),
            *(_flag_tile(flag, flags[flag]) for flag in FLAG_MEANINGS if flag in flags),
        ],
        versions=[VersionShare(name, number) for name, number in status.counts.by_version.items()],
        latest=fleet.registry.latest,
        alerts=list(alerts.select_related("record").order_by("-created_at", "-id")[:MOST_ALERTS]),
        open_alerts=alerts.count(),
        jobs=[job_line(job, now) for job in jobs_of(fleet.name)[:MOST_JOBS]],
        charts=charts(metrics, since, now),
        durations=metrics["durations"],
        most_failing=metrics["mostFailing"],
    )


def jobs_of(fleet: str) -> QuerySet[Job]:
    """The jobs over a fleet's databases, the latest first."""
    return Job.objects.filter(type__in=DATABASE_JOBS, options__fleet=fleet).order_by("-created_at", "-id")


def job_line(job: Job, now: datetime) -> JobLine:
    """A job in words."""
    return JobLine(job, words_of(job), duration_words(job.duration), _ago(job, now))


def words_of(job: Job) -> str:
    """What a job does: migrate to version 3 (dry run) of 12 databases."""
    return f"{deed_of(job)}: {_whom(job.options.get('selection'))}"


def _whom(selection: dict[str, Any] | None) -> str:
    if selection is None:
        return "the whole fleet"
    ids: list[str] = selection.get("ids", [])
    if ids:
        return ids[0] if len(ids) == 1 else number_of(len(ids), "database")
    narrowed = any(value for name, value in selection.items() if name != "ids")
    return "those that match a filter" if narrowed else "all that need it"


def _ago(job: Job, now: datetime) -> str:
    return duration_words(max(now - (job.completed_at or job.created_at), timedelta()))


def _tile(word: Health, health: dict[str, int]) -> Tile:
    number = health[word]
    tone = "good" if word in _GOOD else "wait" if word in _WAITING else "bad"
    return Tile(f"status={word}", word.replace("_", " "), number, MEANINGS[word], tone if number else "")


def _flag_tile(flag: Flag, number: int) -> Tile:
    return Tile(f"flag={flag}", flag.replace("_", " "), number, FLAG_MEANINGS[flag], "bad")
