"""Reading one database of a fleet, to be kept in its row."""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.utils import timezone

from dbadmin.errors import InvalidIdError
from dbadmin.examine import Finding, Summary, examine
from dbadmin.fleets import Fleet
from dbadmin.glance import glance
from dbadmin.models import DatabaseRecord
from dbadmin.scan.signature import proof
from dbadmin.schema.registry import Registry
from dbadmin.sqlite_file.look import Look, look
from dbadmin.states import Flag, Status

logger = logging.getLogger(__name__)
# Found by the deep check alone: where one of these is known, a quick look would only seem to clear it.
_DEEP = frozenset({Flag.CONSTRAINT_VIOLATIONS, Flag.FK_VIOLATIONS, Flag.INDEX_DAMAGE, Flag.FTS_DAMAGE})
# How far the clocks of two machines that are kept in step may be apart.
_CLOCKS_DIFFER = timedelta(minutes=5)
# How long a lock is waited for: a scan has many other files to read, and marks this one as stale until the next.
WAIT_SECONDS = 1.0


class Reading(NamedTuple):
    """How a file was: the columns of its row, of which `found` are the same for all files that are alike."""

    database_id: str
    found: Summary
    size: int
    wal_size: int
    signature: str
    scanned_at: datetime
    deep_checked_at: datetime | None


def read(
    fleet: Fleet, database_id: str, known: DatabaseRecord | None, *, walked: bool = False, deep: bool = False
) -> Reading | None:
    """How a file is now; None where it is gone. Nothing is raised for its content, nor for an error of ours.

    `known` is its row from before, whose deep findings make this check a deep one too; `walked` says that a walk has
    just met its folder.
    """
    try:
        path = fleet.place_of(database_id) if walked else str(fleet.path_of(database_id))
    except InvalidIdError:  # a symlink is in its folder's place: a walk does not find it there either
        return None
    began = timezone.now()
    deep = deep or (known is not None and needs_deep(known))
    try:
        seen = _see(path, fleet.registry, deep=deep)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one file, the others of its scan are read
        seen = _unforeseen(path, error)
    if seen is None:
        return None
    finding, after, signature = seen
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
    )


def _see(path: str, registry: Registry, *, deep: bool) -> tuple[Finding, Look, str] | None:
    """What is found of a file, how it looked then, and the signature that may be relied upon; None where it is gone."""
    # Nobody in this process holds a connection to the file: its pages may be looked at without SQLite.
    if not deep and (glanced := glance(path, registry)):
        finding, after = glanced
        return finding, after, after.signature if after.is_settled(time.time_ns()) else ""
    before = look(path)
    if before is None:
        return None
    finding = examine(Path(path), registry, deep=deep, timeout=WAIT_SECONDS)
    now = look(path)
    return None if now is None else (finding, now, proof(path, before, now))


def _unforeseen(path: str, error: Exception) -> tuple[Finding, Look, str] | None:
    """The file as one that could not be read, by an error that nobody foresaw: a fault of ours, and for the log."""
    logger.exception("%s could not be examined", path, exc_info=error)
    sentence = f"{path} cannot be examined by an internal error ({type(error).__name__}: {error})."
    after = look(path)
    return None if after is None else (Finding(Status.UNREADABLE, findings=(sentence,)), after, "")


def to_come() -> datetime:
    """The time from which on what a row says was written under a wrong clock."""
    return timezone.now() + _CLOCKS_DIFFER


def needs_deep(known: DatabaseRecord) -> bool:
    """Whether a quick look would only seem to clear what is known of it."""
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
