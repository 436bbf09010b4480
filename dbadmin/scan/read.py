"""Reading one database of a fleet, to be kept in its row."""

import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.utils import timezone

from dbadmin.examine import Summary, examine
from dbadmin.fleets import Fleet
from dbadmin.glance import glance
from dbadmin.models import DatabaseRecord
from dbadmin.scan.signature import proof
from dbadmin.sqlite_file.look import Look, look
from dbadmin.states import Flag, Status

# Found by the deep check alone: where one of these is known, a quick look would only seem to clear it.
_DEEP = frozenset({Flag.CONSTRAINT_VIOLATIONS, Flag.FK_VIOLATIONS, Flag.INDEX_DAMAGE, Flag.FTS_DAMAGE})


class Reading(NamedTuple):
    """How a file was: the columns of its row, of which `found` are the same for all files that are alike."""

    database_id: str
    found: Summary
    size: int
    wal_size: int
    signature: str
    scanned_at: datetime
    deep_checked_at: datetime | None
    plan_class: str


def read(
    fleet: Fleet, database_id: str, known: DatabaseRecord | None, seen: Look | None = None, *, deep: bool = False
) -> Reading | None:
    """How a file is now; None where it is gone. Nothing is raised for its content.

    `known` is its row from before, whose deep findings make this check a deep one too; `seen` how it looked a moment
    ago, to whoever walked there. Raises InvalidIdError for an id nobody has seen a file of.
    """
    path = fleet.place_of(database_id) if seen else str(fleet.path_of(database_id))
    began = timezone.now()
    before = seen or look(path)
    if before is None:
        return None
    deep = deep or (known is not None and _needs_deep(known))
    # Nobody in this process holds a connection to the file: its pages may be looked at without SQLite.
    if not deep and (finding := glance(path, fleet.registry, before)):
        after: Look | None = before
        signature = before.signature if before.is_settled(time.time_ns()) else ""
    else:
        finding = examine(Path(path), fleet.registry, deep=deep)
        after = look(path)
        signature = proof(path, before, after)
    if after is None:
        return None
    found = finding.summary
    if finding.status == Status.UNREADABLE:
        deep, signature = False, ""  # what keeps it from being read may go without a trace
        if known:
            found, began = _kept(known, found), known.scanned_at
    return Reading(
        database_id=database_id,
        found=found,
        size=after.size,
        wal_size=after.wal_size,
        signature=signature,
        scanned_at=began,
        deep_checked_at=began if deep else known.deep_checked_at if known else None,
        plan_class=known.plan_class if known and known.fingerprint == found.fingerprint else "",
    )


def _needs_deep(known: DatabaseRecord) -> bool:
    return known.status == Status.CORRUPT or not _DEEP.isdisjoint(known.flags)


def _kept(known: DatabaseRecord, found: Summary) -> Summary:
    """What the last reading of a file found that cannot be read now, and why it cannot."""
    return found._replace(
        status=known.status,
        flags=tuple(sorted({*known.flags, Flag.STALE})),
        is_drifted=known.is_drifted,
        version=known.version,
        matches_version=known.matches_version,
        fingerprint=known.fingerprint,
        tables=tuple(known.tables),
    )
