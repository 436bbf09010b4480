"""Salvage: what can still be read of a corrupt database goes into a sound one in its place."""

import json
import shutil
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from dbadmin.change.lock import administering
from dbadmin.errors import UnreadableError
from dbadmin.examine import examine
from dbadmin.opening import BUSY_SECONDS
from dbadmin.salvage.build import Builder
from dbadmin.salvage.collect import Collection, collect, placed_rows
from dbadmin.salvage.dependents import beyond_salvage
from dbadmin.salvage.derived import doubtful_rows
from dbadmin.salvage.errors import NotCorruptError, NothingToSalvageError
from dbadmin.salvage.failures import disk_failures
from dbadmin.salvage.image import Image, open_image
from dbadmin.salvage.locking import locked
from dbadmin.salvage.lost_and_found import LostAndFound
from dbadmin.salvage.new_file import create, finish, keeps_log, remove
from dbadmin.salvage.quarantine import Original, clean_room, quarantine, quarantined_for, sync_folder, write_json
from dbadmin.salvage.report import SalvageReport
from dbadmin.salvage.swap import swap
from dbadmin.schema.registry import Registry
from dbadmin.sqlite_file.journal import read_journal
from dbadmin.sqlite_file.overlay import JOURNAL_SUFFIX, WAL_SUFFIX
from dbadmin.sqlite_file.wal import read_wal
from dbadmin.states import Status

REPORT = "report.json"
_NEW = ".part"
_DOUBTFUL = "these may be rows of a table, or of an index that is made anew"


def salvage(
    path: Path, registry: Registry, quarantine_folder: Path, *, timeout: float = BUSY_SECONDS, made_for: str = ""
) -> SalvageReport:
    """Build a new database from the rows that the pages of a corrupt one hold, and put it in its place.

    The original, with its log and journal, is copied into quarantine before anything changes, with `made_for` noted;
    rows with no place in the new file go into a database beside it. The process must hold no SQLite connection to the
    file; those of others are waited for, `timeout` seconds for each of the two locks. Raises NotCorruptError,
    NothingToSalvageError, UnknownVersionError, BusyError, UnreadableError, DiskFullError; then the file is as it was.
    """
    with (
        administering(path, timeout=timeout),
        disk_failures(path),
        locked(path, timeout) as descriptor,
        clean_room(quarantine_folder, path) as room,
    ):
        original = Original(path, descriptor)
        why = _why_corrupt(original, registry, room)
        overlays = [read_journal(_beside(original, JOURNAL_SUFFIX)), read_wal(_beside(original, WAL_SUFFIX))]
        image = open_image(descriptor, overlays)
        found = collect(image, registry)
        if not any(placed_rows(image, found)):
            raise NothingToSalvageError(f"No row was found in {path}. It stays as it is; restore a snapshot instead.")
        folder = quarantine(original, room, why, made_for)
        new = path.with_name(path.name + _NEW)
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, folder)
            undo.callback(remove, new)
            report = _build(new, image, found, registry, folder, keep_log=keeps_log(path, image))
            write_json(folder / REPORT, report.as_data())
            sync_folder(folder)
            # From here on the original changes.
            undo.pop_all()
        swap(original, image, new)
        return report


def report_of(path: Path, quarantine_folder: Path, made_for: str) -> dict[str, Any] | None:
    """The report, as data, of a salvage for that purpose that was killed after its swap; None where there was none.

    A report alone proves nothing: it is written before the swap. But that is what takes the new file from beside the
    old one.
    """
    folder = quarantined_for(quarantine_folder, path, made_for)
    if folder is None or not (folder / REPORT).exists() or path.with_name(path.name + _NEW).exists():
        return None
    report: dict[str, Any] = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    return report


def _beside(original: Original, suffix: str) -> bytes:
    """The journal or log of a file, empty where there is none. Only the file itself carries SQLite's locks."""
    return next((path.read_bytes() for path in original.beside if path.name.endswith(suffix)), b"")


def _why_corrupt(original: Original, registry: Registry, room: Path) -> str:
    """What SQLite says is corrupt, of a copy: opening the file itself could change it. Raises NotCorruptError."""
    folder = room / "check.part"
    folder.mkdir()
    try:
        copy = original.copy_to(folder)[0]
        finding = examine(copy, registry, deep=True)
    finally:
        shutil.rmtree(folder)
    if finding.status is Status.UNREADABLE:
        raise UnreadableError(" ".join(finding.findings))
    if finding.status is not Status.CORRUPT:
        raise NotCorruptError(f"{original.path} is {finding.status}, not corrupt: it needs no salvage.")
    return " ".join(finding.findings)


def _build(
    new: Path, image: Image, found: Collection, registry: Registry, folder: Path, *, keep_log: bool
) -> SalvageReport:
    """Make the new file beside the old one, and the lost and found in quarantine."""
    version = found.canon.version
    with LostAndFound(folder) as lost:
        with closing(create(new, image)) as connection:
            builder = Builder(connection, image, found, lost)
            tables = builder.build(registry)
            finish(connection, registry.fingerprint(version), keep_log=keep_log)
        for row in doubtful_rows(image, found, new, registry.schema(version)):
            lost.add("", row.page, row.rowid, _DOUBTFUL, list(row.values))
        incomplete = tuple(sorted({*found.incomplete, *beyond_salvage(registry.schema(version))}))
        return SalvageReport(version, tables, lost.count, builder.unreadable, incomplete, folder)
