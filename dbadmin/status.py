"""How a fleet is, from its rows: nothing here ever looks at a file."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils import timezone

from dbadmin.models import DatabaseRecord, Health
from dbadmin.scan.start import SCAN, running_scan
from dbadmin.states import Flag, Status
from nisam.freshness.models import Group, Version
from nisam.jobs.models import Job
from nisam.jobs.models import Status as JobStatus

# What was scanned so many seconds ago is called fresh.
FRESH_SECONDS = 60


@dataclass(frozen=True)
class Counts:
    """What a fleet's rows add up to; no version is called `none`.

    All but `health` leaves out files that are gone. `flags` has those that some database has.
    """

    total: int
    total_bytes: int
    by_version: dict[str, int]
    health: dict[str, int]
    flags: dict[str, int]


@dataclass(frozen=True)
class FleetStatus:
    """The counts and how old they are; `timestamp` is the end of the last scan, None when there was none."""

    fleet: str
    counts: Counts
    timestamp: datetime | None
    job_id: UUID | None

    @property
    def age_seconds(self) -> int | None:
        """Since the last scan."""
        return int((timezone.now() - self.timestamp).total_seconds()) if self.timestamp else None

    @property
    def source(self) -> str:
        """`scanning` while a scan runs, `fresh` shortly after one, else `cached`."""
        if self.job_id:
            return "scanning"
        age = self.age_seconds
        return "fresh" if age is not None and age <= FRESH_SECONDS else "cached"


# One for each fleet, with the version of the content it was counted from: wrong for nobody, whoever changed the rows.
_counted: dict[str, tuple[str | None, Counts]] = {}


def status_of(fleet: str) -> FleetStatus:
    """How a fleet is, as of the last commit."""
    last = Job.objects.filter(type=SCAN, status=JobStatus.COMPLETED, options__fleet=fleet, options__has_key="files")
    running = running_scan(fleet)
    timestamp = last.order_by("-created_at").values_list("completed_at", flat=True).first()
    return FleetStatus(fleet, counts_of(fleet), timestamp, running.pk if running else None)


def counts_of(fleet: str) -> Counts:
    """The counts of a fleet; counted anew only after something has changed."""
    # Read before the rows are: what changes in between is counted under a version that is over.
    version = Version.objects.filter(group=Group.DATABASES).values_list("token", flat=True).first()
    known = _counted.get(fleet)
    if known is None or known[0] != version or version is None:
        known = _counted[fleet] = version, _count(fleet)
    return known[1]


def _count(fleet: str) -> Counts:
    groups = (
        DatabaseRecord.objects.of(fleet)
        .order_by()
        .annotate(is_gone=Q(missing_since__isnull=False), has_failed=Q(error_code__gt=""))
        .values("status", "version", "flags", "is_drifted", "is_gone", "has_failed")
        .annotate(number=Count("id"), bytes=Sum("size") + Sum("wal_size"))
    )
    versions: Counter[str] = Counter()
    health: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    total_bytes = 0
    for group in groups:
        number = group["number"]
        if group["is_gone"]:
            health[Health.MISSING] += number
            continue
        total_bytes += group["bytes"]
        versions["none" if group["version"] is None else str(group["version"])] += number
        health[Health(group["status"])] += number
        health[Health.DRIFTED] += number * group["is_drifted"]
        health[Health.FAILED] += number * group["has_failed"]
        flags.update(dict.fromkeys(group["flags"], number))
    total = sum(health[Health(status.value)] for status in Status)
    return Counts(
        total,
        total_bytes,
        dict(sorted(versions.items())),
        {word.value: health[word] for word in Health},
        {flag.value: flags[flag] for flag in Flag if flags[flag]},
    )


def as_data(status: FleetStatus) -> dict[str, Any]:
    """In the API's names."""
    return {
        "fleet": status.fleet,
        "total": status.counts.total,
        "byVersion": status.counts.by_version,
        "health": status.counts.health,
        "totalBytes": status.counts.total_bytes,
        "timestamp": status.timestamp,
        "source": status.source,
        "jobId": status.job_id,
        "ageSeconds": status.age_seconds,
    }
