"""Copies of databases, made before they are changed: folder/<database id>/<time>-v<version>.db.

Each is a database by itself, with a manifest beside it. None is ever overwritten, and a damaged file is never copied,
so that no good snapshot makes way for a bad one.
"""

import errno
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbadmin.change.errors import UnknownSnapshotError
from dbadmin.change.health import require_health
from dbadmin.copying import copy_database
from dbadmin.errors import BusyError, DiskFullError, UnreadableError
from dbadmin.metadata import NoMetadata, read_metadata
from dbadmin.opening import open_database, translated
from dbadmin.schema.introspect import inspect

_NAME = re.compile(r"(?P<time>\d{8}T\d{6}\.\d{6}Z)-(?:v(?P<version>-?\d+)|unversioned)")
_TIME = "%Y%m%dT%H%M%S.%fZ"
_IN_MANIFEST = ("fingerprint", "made_for", "after", "put_for")
_ID = re.compile(r"[^/\\.][^/\\]*/[^/\\]+")


@dataclass(frozen=True)
class Snapshot:
    """A copy of the database `database_id` as it was at `taken_at`. `size` is in bytes.

    `made_for` is what whoever wanted the change calls it; `after` is the content_state that the change left, "" while
    that is not known; `put_for` is for whom it was last put where a file was gone.
    """

    id: str
    path: Path
    database_id: str
    taken_at: datetime
    size: int
    version: int | None
    fingerprint: str = ""
    made_for: str = ""
    after: str = ""
    put_for: str = ""


class Snapshots:
    """The snapshots of a fleet. Writing methods are for whoever is `administering` the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, path: Path, database_id: str, *, made_for: str = "") -> Snapshot:
        """Copy a database and wait until the copy is on the disk.

        Raises CorruptError for a damaged one, DiskFullError, BusyError, UnreadableError; nothing is left over then.
        """
        folder = self._folder(database_id)
        with _writing(folder), translated(path), closing(open_database(path)) as source:
            source.execute("BEGIN")
            schema = inspect(source)
            require_health(source, schema, path)
            metadata = read_metadata(source, schema)
            version = None if isinstance(metadata, NoMetadata) else metadata.version
            taken_at = datetime.now(UTC)
            name = f"{taken_at.strftime(_TIME)}-{'unversioned' if version is None else f'v{version}'}"
            part = folder / f"{name}.part"
            is_new = _prepare(folder)
            try:
                _copy(source, part)
                snapshot = Snapshot(
                    f"{database_id}/{name}", folder / f"{name}.db", database_id, taken_at, part.stat().st_size, version,
                    schema.fingerprint(), made_for,
                )  # fmt: skip
                self._write_manifest(snapshot)
                part.rename(snapshot.path)
                _sync(folder)
                if is_new:
                    _sync(folder.parent)  # last, when a journaling file system has written it with the rest already
            except BaseException:
                _remove(folder, name)
                raise
        return snapshot

    def of(self, database_id: str) -> list[Snapshot]:
        """The snapshots of one database, the newest first."""
        paths = [path for path in self._folder(database_id).glob("*.db") if _NAME.fullmatch(path.stem)]
        found = [snapshot for path in paths if (snapshot := _read(path))]
        return sorted(found, key=lambda snapshot: snapshot.taken_at, reverse=True)

    def get(self, snapshot_id: str) -> Snapshot:
        """The snapshot of that id; raises UnknownSnapshotError."""
        database_id, _, name = snapshot_id.partition("/")
        is_id = _ID.fullmatch(snapshot_id) and _NAME.fullmatch(name)
        snapshot = _read(self._folder(database_id) / f"{name}.db") if is_id else None
        if snapshot is None:
            raise UnknownSnapshotError(f"There is no snapshot {snapshot_id!r}.")
        return snapshot

    @contextmanager
    def opened(self, snapshot: Snapshot, page_size: int | None = None) -> Iterator[sqlite3.Connection]:
        """A snapshot to copy from; with another page size than it has, a copy of it that is gone afterwards."""
        with closing(open_database(snapshot.path)) as source:
            if page_size in {None, source.execute("PRAGMA page_size").fetchone()[0]}:
                yield source
                return
            part = snapshot.path.with_suffix(".pages.part")
            # VACUUM counts as writing; into another file it leaves this one, and the rowids, as they are.
            source.execute("PRAGMA query_only = OFF")
            source.execute(f"PRAGMA page_size = {page_size}")
            try:
                source.execute("VACUUM INTO ?", [str(part)])
                with closing(open_database(part)) as copy:
                    yield copy
            finally:
                part.unlink(missing_ok=True)

    def put(self, snapshot: Snapshot, path: Path, *, put_for: str = "") -> None:
        """Copy a snapshot to where no file is, and note for whom; waits until it is on the disk.

        Raises BusyError where one is, CorruptError for a damaged snapshot, DiskFullError, UnreadableError.
        """
        part = path.with_name(f"{path.name}.part")
        with _writing(path), translated(snapshot.path), closing(open_database(snapshot.path)) as source:
            require_health(source, inspect(source), snapshot.path)
            part.unlink(missing_ok=True)
            try:
                _copy(source, part)
                os.link(part, path)  # a rename would replace what came meanwhile
            except FileExistsError as error:
                raise BusyError(f"{path} is there again; it is left as it is.") from error
            finally:
                part.unlink(missing_ok=True)
            _sync(path.parent)
        self._write_manifest(replace(snapshot, put_for=put_for))

    def note_after(self, snapshot: Snapshot, after: str) -> Snapshot:
        """Remember what the change left, to tell later whether anybody has written since."""
        noted = replace(snapshot, after=after)
        self._write_manifest(noted)
        return noted

    def discard(self, snapshot: Snapshot) -> None:
        """Remove a snapshot; one of a change that was not made is of no use."""
        _remove(snapshot.path.parent, snapshot.path.stem)

    def prune(self, days: float, max_bytes: int) -> int:
        """Remove what is older than `days`, then the oldest until the rest is at most `max_bytes`; returns how many.

        The latest of each database always stays.
        """
        folders = [entry.name for entry in self.folder.iterdir()] if self.folder.is_dir() else []
        spare = [snapshot for name in folders for snapshot in self.of(name)[1:]]
        total = sum(snapshot.size for name in folders for snapshot in self.of(name))
        limit = datetime.now(UTC) - timedelta(days=days)
        removed = 0
        for snapshot in sorted(spare, key=lambda snapshot: snapshot.taken_at):
            if snapshot.taken_at > limit and total <= max_bytes:
                break
            self.discard(snapshot)
            total -= snapshot.size
            removed += 1
        return removed

    def _folder(self, database_id: str) -> Path:
        return self.folder / database_id

    def _write_manifest(self, snapshot: Snapshot) -> None:
        manifest = {name: getattr(snapshot, name) for name in _IN_MANIFEST}
        part = snapshot.path.with_suffix(".json.part")
        with _writing(part):
            part.write_text(json.dumps(manifest), encoding="utf-8")
            part.replace(snapshot.path.with_suffix(".json"))


def _prepare(folder: Path) -> bool:
    """Make the folder of a database if need be, and tell; clear away what a killed process left half-written in it."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        return True
    for left_over in folder.glob("*.part*"):
        left_over.unlink()
    return False


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Raise the system's errors as ours."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFullError(f"{path} cannot be written: the disk is full.") from error
        raise UnreadableError(f"{path} cannot be written: {error}.") from error


def _copy(source: sqlite3.Connection, part: Path) -> None:
    """Copy into a new file and wait until it is on the disk."""
    with translated(part), closing(sqlite3.connect(part, isolation_level=None)) as copy:
        # Whatever happens to this file before it has its name, it is thrown away.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        copy.execute("PRAGMA locking_mode = EXCLUSIVE")  # or one in WAL mode would have a -shm for a moment
        copy_database(source, copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # a database by itself, without a -wal
    _sync(part)


def _read(path: Path) -> Snapshot | None:
    """The snapshot at a path, None where there is none; one may be removed at any moment, and no path is too long.

    One whose manifest was lost is as good, but nobody knows what came after it.
    """
    match = _NAME.fullmatch(path.stem)
    if match is None:
        raise UnknownSnapshotError(f"{path} is not called like a snapshot.")
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        return None
    try:
        manifest = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    return Snapshot(
        f"{path.parent.name}/{path.stem}",
        path,
        path.parent.name,
        datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC),
        size,
        None if match["version"] is None else int(match["version"]),
        **{name: manifest.get(name, "") for name in _IN_MANIFEST},
    )


def _remove(folder: Path, name: str) -> None:
    for path in folder.glob(f"{name}.*"):
        path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
