"""The way back from a change: by restoring its snapshot. A plan to a lower version is the other, which keeps new rows.

The snapshot is copied into the live file by the backup API, in one transaction: whoever has the file open goes on with
the restored content, and a copy that does not come to its end changes nothing.
"""

from contextlib import closing
from pathlib import Path

from dbadmin.change.copying import copy_database
from dbadmin.change.errors import ChangedSinceError
from dbadmin.change.lock import administering
from dbadmin.change.snapshots import Snapshot, Snapshots
from dbadmin.change.state import content_state
from dbadmin.opening import BUSY_SECONDS, open_database, translated


def restore(
    path: Path,
    snapshots: Snapshots,
    snapshot_id: str,
    *,
    consent: bool = False,
    timeout: float = BUSY_SECONDS,
) -> Snapshot:
    """Bring a snapshot back into the live file; returns the snapshot of what was there instead.

    Raises ChangedSinceError when the file has been written to since the change for which the snapshot was taken, unless
    `consent` is given; UnknownSnapshotError; CorruptError for a damaged file, which is to be salvaged; BusyError.
    """
    snapshot = snapshots.get(snapshot_id)
    with (
        translated(path),
        administering(path, timeout=timeout),
        closing(open_database(path, write=True, timeout=timeout)) as live,
    ):
        if not consent and content_state(live, path) != snapshot.after:
            raise ChangedSinceError(
                f"{path} is not as the change left it that the snapshot {snapshot.id} was taken for: rows written "
                "since would be lost. Migrate down to keep them, or consent to the loss."
            )
        replaced = snapshots.take(path, path.parent.name)
        with translated(snapshot.path), closing(open_database(snapshot.path)) as source:
            copy_database(source, live)
        return snapshots.note_after(replaced, content_state(live, path))
