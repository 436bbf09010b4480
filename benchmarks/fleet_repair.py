"""Repairing incomplete files, one process: each gets its snapshot, its transaction, its checks, on the disk."""

import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Series, interleave, show, verdict
from dbadmin.change.apply import apply
from dbadmin.change.snapshots import Snapshots
from dbadmin.examine import examine
from dbadmin.fleets import get_fleet
from dbadmin.schema.registry import Registry
from dbadmin.states import Status

FILES = 1000
ROUNDS = 3
LEAST_PER_SECOND = 60
# What such a file lacks: one that was half written, or written by a program that did not know the version yet.
LACKS = ("DROP TRIGGER cues_inserted", "DROP TRIGGER cues_deleted", "DROP INDEX cues_by_time", "DROP TABLE chapters")
CUES = 700


def run() -> bool:
    """True when one process repairs at least as many files a second as it should."""
    registry = get_fleet("captions").registry
    with tempfile.TemporaryDirectory(prefix="nisam-repair-") as folder:
        original = _incomplete(Path(folder) / "captions.db", registry)
        print(f"   {FILES} files of {original.stat().st_size // 1024} kB, each without {len(LACKS)} objects")
        per_round = FILES // ROUNDS
        works = {
            "copy, fsync, rename": lambda: _floor(Path(folder), original, per_round),
            "repair": lambda: _repair(Path(folder), original, registry, per_round),
        }
        began = time.process_time()
        found = interleave(works, rounds=ROUNDS, items=per_round)
        processor = 1000 * (time.process_time() - began) / FILES
    show(found, floor="copy, fsync, rename", unit="files")
    print(f"   processor: {processor:.1f} ms a file, with making and removing the files")
    return _judge(found["repair"])


def _judge(repair: Series) -> bool:
    words = f"repair: {repair.rate:.0f} files/s per process (target >= {LEAST_PER_SECOND})"
    return verdict(words, repair.rate >= LEAST_PER_SECOND)


def _floor(folder: Path, original: Path, files: int) -> float:
    """What the disk needs for the copies alone."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder) as target:
        for number in range(files):
            part = Path(target) / f"{number}.part"
            shutil.copyfile(original, part)
            with part.open("rb") as opened:
                os.fsync(opened.fileno())
            part.rename(part.with_suffix(".db"))
    return time.perf_counter() - began


def _repair(folder: Path, original: Path, registry: Registry, files: int) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as root:
        paths = [Path(root) / f"{number:02x}"[:2] / str(number) / "captions.db" for number in range(files)]
        for path in paths:
            path.parent.mkdir(parents=True)
            shutil.copyfile(original, path)
        snapshots = Snapshots(Path(root) / ".snapshots")
        began = time.perf_counter()
        for path in paths:
            apply(path, registry, snapshots)
        seconds = time.perf_counter() - began
        assert all(examine(path, registry).status == Status.CURRENT for path in paths[::50])
    return seconds


def _incomplete(path: Path, registry: Registry) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(registry.sql(registry.latest))
        connection.execute(
            "INSERT INTO database_metadata VALUES (1, ?, ?, '2026-01-01T00:00:00Z', NULL, NULL)",
            (registry.latest, registry.fingerprint(registry.latest)),
        )
        connection.execute("INSERT INTO captions VALUES (1, 'en', 'auto', '2026-01-01T00:00:00Z')")
        connection.executemany(
            "INSERT INTO cues (caption_id, start_ms, end_ms, text) VALUES (1, ?1 * 2000, ?1 * 2000 + 1900, ?2)",
            ((number, f"word{number % 97} and some more of what was said at {number}") for number in range(CUES)),
        )
        for statement in LACKS:
            connection.execute(statement)
        connection.commit()
    return path
