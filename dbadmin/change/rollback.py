"""The way back from a change: by restoring its snapshot. A plan to a lower version is the other, which keeps new rows.

The snapshot is copied into the live file by the backup API, in one transaction: whoever has the file open goes on with
the restored content, and a copy that does not come to its end changes nothing. The pages of a database with a log keep
their size: SQLite cannot change it there.
"""

import os
import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from dbadmin.change.errors import ChangedSinceError, UnknownSnapshotError
from dbadmin.change.lock import administering
from dbadmin.change.snapshots import Snapshot, Snapshots
from dbadmin.change.state import content_state, signature
from dbadmin.copying import copy_database
from dbadmin.errors import BusyError, FleetError, UnknownVersionError, UnreadableError
from dbadmin.opening import BUSY_SECONDS, open_database, translated
from dbadmin.schema.registry import Registry

# The longest that file systems' times stand still on Linux.
_TICK_SECONDS = 0.02


def restore(
    path: Path,
    registry: Registry,
    snapshots: Snapshots,
    snapshot_id: str,
    *,
    consent: bool = False,
    timeout: float = BUSY_SECONDS,
    made_for: str = "",
) -> Snapshot:
    """Bring a snapshot back into the live file; returns the snapshot of what was there instead, with `made_for` noted.

    Raises ChangedSinceError when the file has been written to since the change for which the snapshot was taken, unless
    `consent` is given; UnknownSnapshotError, also for another database's; UnknownVersionError for a file of a version
    that the registry has not; CorruptError for a damaged file, which is to be salvaged, or a damaged snapshot;
    BusyError, also when somebody writes just now: what would be lost must be in the snapshot of it. Then the file is as
    it was, and there is no new snapshot.
    """
    snapshot = _own_snapshot(path, snapshots, snapshot_id)
    with (
        translated(path),
        administering(path, timeout=timeout),
        closing(open_database(path, write=True, timeout=timeout)) as live,
    ):
        before = _written(live, path)
        if not consent and content_state(live, path) != snapshot.after:
            raise ChangedSinceError(
                f"{path} is not as the change left it that the snapshot {snapshot.id} was taken for: rows written "
                "since would be lost. Migrate down to keep them, or consent to the loss."
            )
        replaced = snapshots.take(path, path.parent.name, made_for=made_for)
        try:
            _require_known(replaced, registry)
            with translated(snapshot.path), snapshots.opened(snapshot, _demanded_page_size(live)) as source:
                copy_database(source, live, check=partial(_require_unwritten, path, before))
        except (FleetError, sqlite3.Error):
            snapshots.discard(replaced)
            raise
        return snapshots.note_after(replaced, content_state(live, path))


def bring_back(
    path: Path, snapshots: Snapshots, snapshot_id: str, *, timeout: float = BUSY_SECONDS, made_for: str = ""
) -> None:
    """Put a snapshot in the place of a file that is gone, and note in its manifest for whom.

    Raises UnknownSnapshotError, also for another database's; CorruptError for a damaged snapshot; BusyError where there
    is a file again, and UnreadableError where a log or journal was left, which SQLite would lay over the snapshot.
    """
    snapshot = _own_snapshot(path, snapshots, snapshot_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with administering(path, timeout=timeout):
        for left in (path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-journal")):
            if os.path.lexists(left):
                raise UnreadableError(f"{left} is there without its database: move it away before, to keep it.")
        snapshots.put(snapshot, path, put_for=made_for)


def is_restored(live: sqlite3.Connection, path: Path, snapshots: Snapshots, snapshot_id: str) -> bool:
    """Whether an open database is what `restore` would make of it. Of a large one nobody can tell: False."""
    snapshot = snapshots.get(snapshot_id)
    with translated(snapshot.path), snapshots.opened(snapshot, _demanded_page_size(live)) as source:
        return content_state(source, snapshot.path) == content_state(live, path)


def _own_snapshot(path: Path, snapshots: Snapshots, snapshot_id: str) -> Snapshot:
    snapshot = snapshots.get(snapshot_id)
    if snapshot.database_id != path.parent.name:
        raise UnknownSnapshotError(f"The snapshot {snapshot.id} is not one of {path}.")
    return snapshot


def _require_known(replaced: Snapshot, registry: Registry) -> None:
    if replaced.version is not None and replaced.version not in registry.versions:
        raise UnknownVersionError(
            f"The database says version {replaced.version}; the registry has 1 to {registry.latest}."
            " It is left as it is."
        )


def _demanded_page_size(live: sqlite3.Connection) -> int | None:
    """The bytes of a page that a copy into a database must have: any, unless it keeps a write-ahead log."""
    if live.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        return None
    return int(live.execute("PRAGMA page_size").fetchone()[0])


def _written(live: sqlite3.Connection, path: Path) -> list[tuple[int, int]]:
    """What shows whether somebody wrote from now on: SQLite holds no lock for us before it copies."""
    live.execute("SELECT count(*) FROM sqlite_schema")  # undoes what a killed writer left, now and not later
    found = signature(path)
    # Whoever writes in the same moment is seen by what is read after it, whoever writes later leaves another time.
    time.sleep(_TICK_SECONDS)
    return found


def _require_unwritten(path: Path, before: list[tuple[int, int]]) -> None:
    if signature(path) != before:
        raise BusyError(f"{path} was written to at this moment; nothing was restored.")
