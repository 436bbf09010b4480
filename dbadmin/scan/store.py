"""Keeping what a scan found, in the transaction of its step."""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.utils import timezone

from dbadmin.alerts import alert_of_drift
from dbadmin.models import DatabaseRecord
from dbadmin.scan.upsert import upsert
from dbadmin.states import Flag, Status
from nisam.jobs.models import Level
from nisam.jobs.run import Step

Known = Mapping[str, DatabaseRecord]
# What somebody should hear of in the log, file by file.
_BAD = frozenset({Status.CORRUPT, Status.UNREADABLE, Status.UNKNOWN_VERSION})


def store(step: Step, rows: Sequence[DatabaseRecord], known: Known) -> None:
    """Write rows that were read, count them, and tell of those that are damaged; `known` are their rows from before."""
    keys = upsert(rows)
    alert_of_drift([row for row in rows if row.database_id in keys], known, keys)
    step.found += len(rows)
    step.done += len(rows)
    step.added += sum(row.database_id not in known for row in rows)
    step.updated += sum(row.database_id in known for row in rows)
    counts = Counter(str(row.status) for row in rows)
    words = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    step.log("log", f"{len(rows)} databases read: {words}")
    for row in rows:
        if row.status in _BAD or Flag.STALE in row.flags:
            reason = row.findings[0] if row.findings else row.status
            step.log("log", f"{row.database_id}: {reason}", Level.WARNING, databaseId=row.database_id)


def mark_missing(step: Step, fleet: str, ids: Sequence[str]) -> None:
    """Note that these files are gone."""
    if not ids:
        return
    rows = DatabaseRecord.objects.of(fleet).present().filter(database_id__in=ids)
    gone = rows.update(missing_since=timezone.now(), signature="")
    step.log("log", f"{gone} databases are gone", Level.WARNING)


def mark_stale(step: Step, fleet: str, problems: Mapping[str, str]) -> None:
    """Note that nothing could be learned of these shards."""
    for shard, problem in problems.items():
        step.log("log", problem, Level.ERROR, shard=shard)
        for row in DatabaseRecord.objects.of(fleet).present().filter(shard=shard):
            if Flag.STALE not in row.flags:
                row.flags = sorted({*row.flags, Flag.STALE})
                row.save(update_fields=["flags"])


def tell_of_strays(step: Step, number: int) -> None:
    """Say in the log that there are files which the fleet will never find by their ids."""
    if number:
        files = "1 file is" if number == 1 else f"{number} files are"
        step.log("log", f"{files} not where the fleet keeps them: root/ab/abc…/name", Level.WARNING)
