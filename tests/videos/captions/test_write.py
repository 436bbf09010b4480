"""Writing looks into a video's own database: once, whole, and never into what is not known."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, until
from tests.videos.captions.conftest import ID
from videos.captions import database
from videos.captions.create import stamp
from videos.captions.cues import Cue
from videos.captions.errors import BusyError, DamagedError, UnreachableError, VersionError
from videos.captions.look import Look, Track
from videos.captions.versions import checksum, latest
from videos.captions.write import write_look

NOW = datetime(2026, 1, 26, 18, tzinfo=UTC)
CUES = (Cue(0, 900, "Hello"), Cue(900, 2000, "world"))
LOOK = Look(
    NOW,
    title="A title",
    description="About it",
    views=7,
    likes=1,
    chapters=[{"start": 0, "end": 1.5, "title": "One"}, {"start": 1.5, "end": None, "title": "Two"}],
    tracks=[Track("en", "manual", CUES)],
)


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        return connection.execute(query).fetchall()


def contents(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_the_first_look_makes_the_file_at_the_latest_version_below_its_shard(path: Path) -> None:
    written = write_look(ID, LOOK)
    assert path.parts[-3:] == ("ab", str(ID), "captions.db")
    assert [entry.name for entry in path.parent.iterdir()] == ["captions.db"]
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]
    assert rows(path, "SELECT * FROM database_metadata") == [(1, latest(), checksum(latest()), stamp(NOW), None, None)]
    assert (written.tracks, written.captions_at) == (1, stamp(NOW))


def test_a_look_is_kept_whole(path: Path) -> None:
    write_look(ID, LOOK)
    assert rows(path, "SELECT language, source, fetched_at FROM captions") == [("en", "manual", stamp(NOW))]
    assert rows(path, "SELECT start_ms, end_ms, text FROM cues") == list(CUES)
    assert rows(path, "SELECT * FROM chapters") == [(0, 0, 1500, "One"), (1, 1500, None, "Two")]
    assert rows(path, "SELECT taken_at, views, likes FROM statistics") == [(stamp(NOW), 7, 1)]
    assert rows(path, "SELECT taken_at, title, description FROM revisions") == [(stamp(NOW), "A title", "About it")]


def test_the_same_look_again_changes_nothing(path: Path) -> None:
    write_look(ID, LOOK)
    before = contents(path)
    assert write_look(ID, LOOK).tracks == 0
    assert contents(path) == before


def test_changed_captions_replace_the_old_ones_and_are_found_no_more(path: Path) -> None:
    write_look(ID, LOOK)
    assert write_look(ID, replace(LOOK, tracks=[Track("en", "manual", [Cue(0, 5, "Bye")])])).tracks == 1
    assert rows(path, "SELECT text FROM cues") == [("Bye",)]
    assert rows(path, "SELECT rowid FROM cues_search WHERE cues_search MATCH 'hello'") == []
    assert len(rows(path, "SELECT rowid FROM cues_search WHERE cues_search MATCH 'bye'")) == 1


def test_what_was_not_said_replaces_nothing(path: Path) -> None:
    write_look(ID, LOOK)
    before = contents(path)
    write_look(ID, Look(NOW + timedelta(days=9), tracks=[Track("en", "manual", ())]))
    assert contents(path) == before


def test_statistics_get_a_row_when_they_change_and_one_a_day(path: Path) -> None:
    for hours, views in ((0, 7), (1, 7), (2, 8), (3, 8), (25, 8), (27, 8)):
        write_look(ID, replace(LOOK, taken_at=NOW + timedelta(hours=hours), views=views))
    expected = [(stamp(NOW + timedelta(hours=hours)), views) for hours, views in ((0, 7), (2, 8), (27, 8))]
    assert rows(path, "SELECT taken_at, views FROM statistics") == expected


def test_a_time_that_is_none_stops_no_statistics(path: Path) -> None:
    write_look(ID, LOOK)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO statistics (taken_at, views, likes) VALUES (x'ff', 7, 1)")
    write_look(ID, replace(LOOK, taken_at=NOW + timedelta(hours=25)))
    assert rows(path, "SELECT count(*) FROM statistics WHERE typeof(taken_at) = 'text'") == [(2,)]


def test_a_revision_is_kept_when_title_or_description_changes(path: Path) -> None:
    for hours, title, description in ((0, "A", "x"), (1, "A", ""), (2, "B", ""), (3, "B", "y"), (4, "A", "x")):
        write_look(ID, Look(NOW + timedelta(hours=hours), title, description))
    told = rows(path, "SELECT title, description FROM revisions ORDER BY id")
    assert told == [("A", "x"), ("B", "x"), ("B", "y"), ("A", "x")]


def test_what_no_database_takes_harms_nothing(path: Path) -> None:
    odd = replace(LOOK, title="A\0\ud800 title", views=2**70, likes=-1, chapters=[
        {"start": float("nan"), "end": float("inf"), "title": "\udfff"}
    ])  # fmt: skip
    write_look(ID, odd)
    assert rows(path, "SELECT title FROM revisions") == [("A title",)]
    assert rows(path, "SELECT * FROM statistics") == []
    assert rows(path, "SELECT * FROM chapters") == [(0, 0, None, "")]


def test_an_empty_file_that_somebody_died_over_is_made_whole(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    write_look(ID, LOOK)
    assert rows(path, "SELECT count(*) FROM cues") == [(2,)]


@pytest.mark.parametrize("version", [1, 2, 99])
def test_a_file_of_another_version_stays_as_it_is_and_says_what_to_do(make: Callable[..., Path], version: int) -> None:
    path = make(min(version, 3), f"UPDATE database_metadata SET schema_version = {version}")
    before = path.read_bytes()
    with pytest.raises(VersionError, match="newer nisam" if version == 99 else "fleet migrate"):
        write_look(ID, LOOK)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database, only text" * 300, b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_damaged_file_stays_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        write_look(ID, LOOK)
    assert path.read_bytes() == content


def test_a_folder_in_the_files_place_is_an_error_in_words(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(UnreachableError, match="cannot be used"):
        write_look(ID, LOOK)


def test_a_file_that_lacks_a_table_keeps_what_it_has(make: Callable[..., Path]) -> None:
    path = make(3, "DROP TABLE revisions")
    with pytest.raises(DamagedError, match="fleet repair"):
        write_look(ID, LOOK)
    assert rows(path, "SELECT * FROM captions") == []  # nothing of the look, rather than half of it


def test_a_file_that_somebody_writes_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_look(ID, LOOK)
    monkeypatch.setattr(database, "WRITER_PATIENCE_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError) as caught:
        write_look(ID, replace(LOOK, views=8))
    other.close()
    assert caught.value.transient
    write_look(ID, replace(LOOK, views=8, taken_at=NOW + timedelta(hours=1)))
    assert rows(path, "SELECT views FROM statistics") == [(7,), (8,)]


def test_what_waited_for_a_file_that_was_replaced_is_not_written_into_the_old_one(path: Path, tmp_path: Path) -> None:
    write_look(ID, LOOK)
    repaired = tmp_path / "repaired"
    repaired.write_bytes(path.read_bytes())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(write_look, ID, replace(LOOK, views=8))
        until(lambda: times_open(path) == 2)
        repaired.replace(path)
        other.close()
        with pytest.raises(BusyError, match="replaced"):
            waiting.result()
    assert rows(path, "SELECT views FROM statistics") == [(7,)]


def times_open(path: Path) -> int:
    """How often this process has a file open."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return sum(link.exists() and link.resolve() == path for link in links)


_TRACKS = "SELECT count(*) FROM captions"
_RACE = """
import sys, uuid
from datetime import UTC, datetime, timedelta
import django
from django.conf import settings
settings.configure(CAPTIONS_ROOT=sys.argv[1])
from videos.captions.cues import Cue
from videos.captions.look import Look, Track
from videos.captions.write import write_look
number, count = int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for turn in range(count):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=2 * turn + number)
    cues = [Cue(n, n + 1, f"{number} {turn} {n}") for n in range(200)]
    write_look(uuid.UUID(int=turn % 4), Look(at, views=10 * turn + number, tracks=[Track(f"l{number}", "auto", cues)]))
"""


def start_writer(root: Path, number: int, count: int) -> "subprocess.Popen[bytes]":
    """A process that is ready to write `count` looks, and waits for `go`."""
    command = [sys.executable, "-c", _RACE, str(root), str(number), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def go(*processes: "subprocess.Popen[bytes]") -> None:
    for process in processes:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.flush()


def test_two_processes_that_make_and_write_the_same_files_lose_nothing(tmp_path: Path) -> None:
    with start_writer(tmp_path, 0, 20) as one, start_writer(tmp_path, 1, 20) as other:
        go(one, other)
        assert (one.wait(timeout=60), other.wait(timeout=60)) == (0, 0)
    paths = list(tmp_path.glob("*/*/captions.db"))
    assert len(paths) == 4
    for path in paths:
        assert rows(path, "SELECT count(*) FROM statistics") == [(10,)]
        assert rows(path, "SELECT count(*) FROM cues") == [(400,)]
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_writer_that_is_killed_leaves_every_file_whole_and_the_next_one_goes_on(tmp_path: Path) -> None:
    for number in range(3):
        with start_writer(tmp_path, number, 100_000) as writer:
            go(writer)
            until(lambda: any(is_written_by(number, path) for path in tmp_path.glob("*/*/captions.db")))  # noqa: B023
            writer.kill()
    for path in tmp_path.glob("*/*/captions.db"):
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]
        if rows(path, "SELECT * FROM sqlite_schema"):
            assert rows(path, "SELECT count(*) FROM cues") == [(200 * count,) for (count,) in rows(path, _TRACKS)]


def is_written_by(number: int, path: Path) -> bool:
    try:
        return bool(rows(path, f"SELECT 1 FROM captions WHERE language = 'l{number}'"))
    except sqlite3.OperationalError:  # not made yet
        return False
