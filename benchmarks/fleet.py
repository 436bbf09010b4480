"""Scanning fleets of files, and asking for their state.

First scan: the floor opens each file with sqlite3, reads its schema and version, and closes it, on as many processes:
one, and two. Compared is the time on the wall. Where the processes leave PostgreSQL no core, only the scan pays for
competing with it: then reading directly is judged by the processes' own processor time, and the other ratio is told.
Rescan of an unchanged fleet: the floor walks, with a stat of every file and its -wal.
"""

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.fleet_files import fill, id_of, use_folder
from benchmarks.measure import Series, interleave, show, verdict
from benchmarks.setting import empty_database, settle
from benchmarks.worker import resident_bytes
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan.start import start_scan
from nisam.jobs.models import Job, Status
from nisam.jobs.runner import run_item

FILES = int(os.environ.get("NISAM_BENCH_FILES", "10000"))
MANY = int(os.environ.get("NISAM_BENCH_RECORDS", "100000"))
ROUNDS = 3
FIRST_TARGET, DIRECT_TARGET, RESCAN_TARGET, LIST_TARGET_MS = 1.2, 0.4, 2.0, 30.0
GROWTH_TARGET = 20 * 2**20
OK = 200


def run() -> bool:
    """First scan, rescan at two sizes, and filtered lists of many records; True when all targets are met."""
    folder = Path(tempfile.mkdtemp(prefix="nisam-fleet-"))
    try:
        fleet = use_folder(folder / "databases")
        fill(fleet, FILES)
        passed = _measure_first(fleet, 1)
        passed &= _measure_first(fleet, 2)
        passed &= _measure_rescan(fleet, FILES)
        fill(fleet, MANY - FILES, first=FILES)
        passed &= _measure_rescan(fleet, MANY)
        return _measure_lists() and passed
    finally:
        shutil.rmtree(folder)


class _Took(NamedTuple):
    """Seconds until the last of some processes was done, and of the processor's time of all of them."""

    wall: float
    processor: float


def _measure_first(fleet: Fleet, processes: int) -> bool:
    spent: dict[str, list[float]] = {"sqlite3 alone": [], "first scan": []}

    def took(name: str, work: Callable[[Fleet, int], _Took]) -> float:
        seconds = work(fleet, processes)
        spent[name].append(seconds.processor)
        return seconds.wall

    print(f"   on {processes} process{'es' if processes > 1 else ''}:")
    found = interleave(
        {
            "sqlite3 alone": lambda: took("sqlite3 alone", _floor_of_first),
            "first scan": lambda: took("first scan", _first_scan),
        },
        rounds=ROUNDS,
        items=FILES,
    )
    show(found, floor="sqlite3 alone", unit="files")
    own = {name: statistics.median(seconds) for name, seconds in spent.items()}
    each = (f"{name} {seconds / FILES * 1e6:.0f} µs" for name, seconds in own.items())
    print(f"   own processor time of a file: {', '.join(each)}")
    times = _times(found, "first scan", "sqlite3 alone")
    where = f"first scan on {processes}"
    passed = verdict(f"{where}: {times:.2f} x the floor (target <= {FIRST_TARGET})", times <= FIRST_TARGET)
    what = "files read directly"
    if (os.cpu_count() or 1) <= processes:
        times, what = own["first scan"] / own["sqlite3 alone"], f"{what}, own processor time"
    words = f"{where}, {what}: {times:.2f} x the floor (target <= {DIRECT_TARGET})"
    return verdict(words, times <= DIRECT_TARGET) and passed


def _measure_rescan(fleet: Fleet, files: int) -> bool:
    _scan(fleet)
    settle()
    before = resident_bytes()
    found = interleave(
        {"walk with stat": lambda: _walk(fleet.root), "rescan": lambda: _scan(fleet)}, rounds=ROUNDS, items=files
    )
    grown = resident_bytes() - before
    assert Job.objects.latest("created_at").skipped == files
    show(found, floor="walk with stat", unit="files")
    times = _times(found, "rescan", "walk with stat")
    fast = verdict(f"rescan of {files:,}: {times:.2f} x the walk (target <= {RESCAN_TARGET})", times <= RESCAN_TARGET)
    return verdict(f"memory: {grown / 2**20:+.1f} MB (target <= +20 MB)", grown <= GROWTH_TARGET) and fast


def _times(found: dict[str, Series], name: str, floor: str) -> float:
    return 1 / found[name].speed_against(found[floor])


def _floor_of_first(fleet: Fleet, processes: int) -> _Took:
    return _in_processes("floor", str(fleet.root), processes)


def _first_scan(fleet: Fleet, processes: int) -> _Took:
    empty_database()
    took = _in_processes("scan", str(fleet.root), processes, *_start(fleet))
    assert Job.objects.get().added == FILES
    return took


def _scan(fleet: Fleet) -> float:
    items = _start(fleet)
    began = time.perf_counter()
    for item in items:
        assert run_item(item, worker="benchmark") == Status.COMPLETED
    return time.perf_counter() - began


def _start(fleet: Fleet) -> list[str]:
    """Start a scan; the keys of its items."""
    job = start_scan(fleet, requested_by="benchmark", wake_workers=False).job
    return [str(pk) for pk in job.items.values_list("pk", flat=True)]


def _in_processes(what: str, root: str, processes: int, *items: str) -> _Took:
    """What they take until the last of them is done, once all are warm."""
    command = [sys.executable, "-m", "benchmarks.fleet_worker", what, root]
    started = [
        subprocess.Popen(
            [*command, str(place), str(processes), *items], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for place in range(processes)
    ]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    processor = 0.0
    for process in started:
        assert process.stdout
        processor += float(process.stdout.readline())
    wall = time.perf_counter() - began
    for process in started:
        process.communicate()
    return _Took(wall, processor)


def _walk(root: Path) -> float:
    began = time.perf_counter()
    for shard in os.scandir(root):
        for folder in os.scandir(shard.path):
            path = f"{folder.path}/captions.db"
            os.stat(path)  # noqa: PTH116
            try:
                os.stat(f"{path}-wal")  # noqa: PTH116
            except FileNotFoundError:
                pass
    return time.perf_counter() - began


def read_as_floor(path: str) -> None:
    """What the standard library needs: open, schema, version, close."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
        database.execute("SELECT schema_version, schema_checksum FROM database_metadata").fetchall()


def _measure_lists() -> bool:
    _make_records()
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("benchmark"))
    base = "/api/admin/databases"
    passed = True
    for path in (
        "list", "list?status=incomplete", "list?status=drifted", "list?version=2", "list?search=7", "list?search=7f",
        "list?sort=size", "list?status=outdated&sort=size", "list?sort=scannedAt", "status",
    ):  # fmt: skip
        seconds = sorted(_timed(lambda path=path: _ok(client.get(f"{base}/{path}"))) for _ in range(60))  # type: ignore[misc]
        middle, late = 1000 * statistics.median(seconds), 1000 * seconds[int(0.95 * len(seconds))]
        words = f"{path}: {middle:.1f} ms, p95 {late:.1f} ms (target < {LIST_TARGET_MS:.0f})"
        passed &= verdict(words, late < LIST_TARGET_MS)
    return passed


def _ok(answer: Any) -> None:
    assert answer.status_code == OK, answer.content


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def _make_records() -> None:
    """As many records as the large fleet has, one in fifty incomplete, one in ten outdated."""
    empty_database()
    now = timezone.now()
    for begin in range(0, MANY, 5000):
        DatabaseRecord.objects.bulk_create(_record(place, now) for place in range(begin, min(begin + 5000, MANY)))
    settle()


def _record(place: int, now: datetime) -> DatabaseRecord:
    is_incomplete, is_outdated = place % 50 == 0, place % 10 == 1
    return DatabaseRecord(
        fleet="captions",
        database_id=id_of(place),
        shard=id_of(place)[:2],
        status="incomplete" if is_incomplete else "outdated" if is_outdated else "current",
        is_drifted=is_incomplete,
        flags=["drifted"] if is_incomplete else [],
        version=2 if is_outdated else 3,
        fingerprint="f" * 64,
        tables=["captions", "cues", "chapters", "statistics", "revisions", "database_metadata"],
        size=100_000 + place * 7919 % 400_000,
        signature="2051:" + "1" * 60,
        examiner="e" * 40,
        scanned_at=now,
    )


def plan_of_list() -> str:
    """How the database finds a filtered page; for a look by hand."""
    rows = DatabaseRecord.objects.of("captions").with_health("incomplete").order_by("database_id", "id")[:25]
    return rows.explain(analyze=True) if connection.vendor == "postgresql" else rows.explain()
