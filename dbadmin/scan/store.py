"""Keeping what a scan found, in the transaction of its step."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set

from django.utils import timezone

from dbadmin.alerts import alert_of_drift
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan.read import Reading
from dbadmin.scan.upsert import upsert
from dbadmin.states import Flag, Status
from nisam.jobs.models import Level
from nisam.jobs.run import Step
from nisam.lib.numbers import number_of

Known = Mapping[str, DatabaseRecord]
# What somebody should hear of in the log, file by file.
_BAD = frozenset({Status.CORRUPT, Status.UNREADABLE, Status.UNKNOWN_VERSION})


def store(step: Step, fleet: Fleet, readings: Sequence[Reading], known: Known) -> None:
    """Write what was read, count it, and tell of what is damaged; `known` are the rows from before."""
    written = keep_readings(fleet, readings, known)
    step.found += len(readings)
    step.done += len(readings)
    step.added += len(written - known.keys())
    step.updated += len(written & known.keys())
    counts = Counter(str(reading.found.status) for reading in readings)
    words = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    step.log("log", f"{number_of(len(readings), 'database')} read: {words}")
    if newer := len(readings) - len(written):
        step.skipped += newer
        step.log("log", f"{number_of(newer, 'database')} read, but something newer is known already")
    for reading in readings:
        found = reading.found
        if found.status in _BAD or Flag.STALE in found.flags:
            reason = found.findings[0] if found.findings else found.status
            step.log("log", f"{reading.database_id}: {reason}", Level.WARNING, databaseId=reading.database_id)


def keep_readings(fleet: Fleet, readings: Sequence[Reading], known: Known) -> Set[str]:
    """Write what was read into its rows, and raise or close the alerts that follow. Must run in a transaction.

    Returns the ids of what was written; a row that knows something newer stays.
    """
    keys = upsert(fleet, readings)
    written = [(keys[one.database_id], one.database_id, one.found) for one in readings if one.database_id in keys]
    alert_of_drift(written, known)
    return keys.keys()


def mark_missing(step: Step, fleet: str, ids: Sequence[str]) -> None:
    """Note that these files are gone."""
    present = DatabaseRecord.objects.of(fleet).present().filter(database_id__in=ids)
    rows = DatabaseRecord.objects.filter(pk__in=list(present.locked().values_list("pk", flat=True)))
    if gone := rows.update(missing_since=timezone.now(), signature=""):
        step.log("log", f"gone: {number_of(gone, 'database')}", Level.WARNING)


def mark_stale(step: Step, fleet: str, shard: str, problem: str) -> None:
    """Note that nothing could be learned of a shard; all of it is read again once that is possible."""
    step.log("log", problem, Level.ERROR, shard=shard)
    for row in DatabaseRecord.objects.of(fleet).present().filter(shard=shard).locked():
        if Flag.STALE not in row.flags or row.signature:
            row.flags, row.signature = sorted({*row.flags, Flag.STALE}), ""
            row.save(update_fields=["flags", "signature"])


def tell_of_strays(step: Step, number: int) -> None:
    """Say in the log that there are files which the fleet will never find by their ids."""
    if number:
        files = "1 file is" if number == 1 else f"{number} files are"
        step.log("log", f"{files} not where the fleet keeps them: root/ab/abc…/name", Level.WARNING)
