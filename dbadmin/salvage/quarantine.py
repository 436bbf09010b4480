"""Copies of a damaged file and what lies beside it, byte for byte, before anything changes."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dbadmin.sqlite_file.overlay import JOURNAL_SUFFIX, WAL_SUFFIX

MANIFEST = "manifest.json"
_TIME = "%Y%m%dT%H%M%S.%fZ"
_UNFINISHED = ".part"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Original:
    """A locked file with its log and journal; `descriptor` is the only way to its bytes that keeps the lock."""

    path: Path
    descriptor: int

    @property
    def beside(self) -> tuple[Path, ...]:
        """Its journal and its log, those that are there; what a symlink leads to is not the database's."""
        names = (f"{self.path}{suffix}" for suffix in (JOURNAL_SUFFIX, WAL_SUFFIX))
        return tuple(path for path in map(Path, names) if path.is_file() and not path.is_symlink())

    def copy_to(self, folder: Path) -> list[Path]:
        """Copy the file and those beside it into a folder, each written to disk; gives the copies."""
        copies = [_write(folder / self.path.name, self._chunks())]
        return copies + [_write(folder / path.name, iter([path.read_bytes()])) for path in self.beside]

    def _chunks(self) -> Iterator[bytes]:
        offset = 0
        while data := os.pread(self.descriptor, _CHUNK, offset):
            yield data
            offset += len(data)


@contextmanager
def clean_room(quarantine_folder: Path, path: Path) -> Iterator[Path]:
    """The folder in quarantine for what is salvaged from a file, named after the file's own folder.

    What an interrupted salvage left half copied is removed: it is always copied again before anything changes. In the
    end the folder is gone if nothing is in it.
    """
    folder = quarantine_folder / path.parent.name
    folder.mkdir(parents=True, exist_ok=True)
    for unfinished in folder.glob(f"*{_UNFINISHED}"):
        shutil.rmtree(unfinished)
    try:
        yield folder
    finally:
        if not any(folder.iterdir()):
            folder.rmdir()


def quarantine(original: Original, folder: Path, why: str, made_for: str) -> Path:
    """Copy the original into a new folder in `folder`, with a manifest; returns it when all is on disk."""
    now = datetime.now(UTC)
    final = folder / now.strftime(_TIME)
    unfinished = final.with_name(final.name + _UNFINISHED)
    unfinished.mkdir()
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, unfinished)
        files = {copy.name: _described(copy) for copy in original.copy_to(unfinished)}
        manifest = {"path": str(original.path), "why": why, "made_for": made_for, "when": now.isoformat()}
        write_json(unfinished / MANIFEST, {**manifest, "files": files})
        sync_folder(unfinished)
        unfinished.rename(final)
        undo.pop_all()
    sync_folder(folder)
    return final


def quarantined_for(quarantine_folder: Path, path: Path, made_for: str) -> Path | None:
    """The newest folder that `quarantine` has made of a file for that purpose; None where there is none."""
    manifests = sorted((quarantine_folder / path.parent.name).glob(f"*Z/{MANIFEST}"), reverse=True)
    fits = (one.parent for one in manifests if json.loads(one.read_text(encoding="utf-8")).get("made_for") == made_for)
    return next(fits, None)


def write_json(path: Path, data: object) -> None:
    """Write a JSON file to disk."""
    _write(path, iter([json.dumps(data, indent=2, ensure_ascii=True).encode()]))


def sync_folder(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, chunks: Iterator[bytes]) -> Path:
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return path


def _described(copy: Path) -> dict[str, object]:
    data = copy.read_bytes()
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
