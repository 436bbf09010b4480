"""Reading one database of a fleet into a row, which is not written yet."""

from datetime import datetime

from django.utils import timezone

from dbadmin.examine import Finding, examine
from dbadmin.fleets import Fleet
from dbadmin.glance import glance
from dbadmin.models import DatabaseRecord
from dbadmin.scan.signature import Look, examiner, look, proof
from dbadmin.states import Flag, Status

# Found by the deep check alone: where one of these is known, a quick look would only seem to clear it.
_DEEP = frozenset({Flag.CONSTRAINT_VIOLATIONS, Flag.FK_VIOLATIONS, Flag.INDEX_DAMAGE, Flag.FTS_DAMAGE})
# What a file that cannot be read now keeps from its last reading.
_KEPT = ("status", "version", "matches_version", "fingerprint", "tables", "is_drifted", "plan_class", "scanned_at")


def read(
    fleet: Fleet, database_id: str, known: DatabaseRecord | None, seen: Look | None = None, *, deep: bool = False
) -> DatabaseRecord | None:
    """How a file is now; None where it is gone. Nothing is raised for its content.

    `known` is its row from before, whose deep findings make this check a deep one too; `seen` how it looked a moment
    ago. Raises InvalidIdError.
    """
    file = fleet.path_of(database_id)
    began = timezone.now()
    before = seen or look(str(file))
    if before is None:
        return None
    deep = deep or (known is not None and _needs_deep(known))
    # Nobody in this process holds a connection to the file: its pages may be looked at without SQLite.
    finding = None if deep else glance(file, fleet.registry)
    finding = finding or examine(file, fleet.registry, deep=deep)
    after = look(str(file))
    if after is None:
        return None
    row = DatabaseRecord(fleet=fleet.name, database_id=database_id, shard=file.parent.parent.name)
    row.size, row.wal_size = after.size, after.wal_size
    row.signature, row.examiner = proof(before, after), examiner(fleet.registry)
    row.deep_checked_at = known.deep_checked_at if known else None
    _tell(row, finding, began)
    if finding.status == Status.UNREADABLE:
        row.signature = ""  # what keeps it from being read may go without a trace
        if known:
            _keep(row, known)
    elif deep:
        row.deep_checked_at = began
    if known and known.fingerprint == row.fingerprint:
        row.plan_class = known.plan_class
    return row


def _needs_deep(known: DatabaseRecord) -> bool:
    return known.status == Status.CORRUPT or not _DEEP.isdisjoint(known.flags)


def _tell(row: DatabaseRecord, finding: Finding, when: datetime) -> None:
    row.status, row.flags, row.is_drifted = finding.status, sorted(finding.flags), Flag.DRIFTED in finding.flags
    row.version, row.matches_version = finding.version, finding.matches_version
    row.fingerprint, row.findings = finding.fingerprint, list(finding.findings)
    row.tables = [table.name for table in finding.tables]
    row.scanned_at = when


def _keep(row: DatabaseRecord, known: DatabaseRecord) -> None:
    for name in _KEPT:
        setattr(row, name, getattr(known, name))
    row.flags = sorted({*known.flags, Flag.STALE})
