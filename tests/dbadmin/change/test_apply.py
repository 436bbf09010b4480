"""What stops a change, and that it then was none."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType

import pytest

from dbadmin.change.lock import administering
from dbadmin.errors import BusyError, CorruptError, DiskFullError, FleetError, UnreadableError
from dbadmin.examine import examine
from dbadmin.states import Status
from tests.dbadmin.change.changing import changed, made, snapshots
from tests.dbadmin.change.dumps import rows_of
from tests.dbadmin.disks import small_disk
from tests.dbadmin.files import change, content, registry


class CancelledError(Exception):
    """What the test raises to interrupt."""


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_writer_that_holds_the_lock_makes_it_busy(tmp_path: Path, journal_mode: str) -> None:
    path = made(tmp_path, version=1, journal_mode=journal_mode)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError) as busy:
            changed(path, timeout=0.1)
        assert busy.value.transient
        writer.execute("ROLLBACK")
    changed(path)
    assert examine(path, registry()).status == Status.CURRENT


def test_a_reader_in_wal_mode_goes_on_reading_what_it_began_with(tmp_path: Path) -> None:
    path = made(tmp_path, version=1, journal_mode="wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT * FROM tracks").fetchall()
        changed(path)
        assert reader.execute("SELECT * FROM tracks").fetchall() == before
        reader.execute("COMMIT")
        assert len(reader.execute("SELECT * FROM captions").fetchall()) == len(before)


def test_a_second_administrator_waits_for_the_first(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    with administering(path, timeout=0), pytest.raises(BusyError, match="another administrator"):
        changed(path, timeout=0.1)


def test_an_interrupt_at_any_step_leaves_the_file_whole(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    before, finished, steps = path.read_bytes(), False, 0
    while not finished:
        steps += 1
        try:
            changed(path, interrupt=_after(steps))
            finished = True
        except CancelledError:
            assert path.read_bytes() == before
            assert not path.with_name("captions.db-journal").exists()
            assert not list(snapshots(path).folder.glob("*"))
    assert steps > 5
    assert examine(path, registry()).status == Status.CURRENT


def test_symlinks_are_refused(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    link = tmp_path / "ab" / "link" / "captions.db"
    link.parent.mkdir()
    link.symlink_to(path)
    before = path.read_bytes()
    with pytest.raises(UnreadableError, match="not a regular file"):
        changed(link)
    assert path.read_bytes() == before


def test_a_folder_behind_a_symlink_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    link = tmp_path / "ab" / "link"
    link.symlink_to(path.parent)
    before = path.read_bytes()
    with pytest.raises(UnreadableError, match="cannot be opened"):
        changed(link / path.name)
    assert path.read_bytes() == before


def test_a_damaged_file_is_left_to_be_salvaged(tmp_path: Path) -> None:
    path = made(tmp_path, version=1, rows=500)
    damaged = bytearray(path.read_bytes())
    damaged[-4096:-2048] = os.urandom(2048)
    path.write_bytes(damaged)
    with pytest.raises(CorruptError):
        changed(path)
    assert path.read_bytes() == damaged
    assert not snapshots(path).folder.exists()


def test_damage_that_no_step_would_meet_is_left_to_be_salvaged_too(tmp_path: Path) -> None:
    path = change(
        made(tmp_path),
        "CREATE TABLE mine (text TEXT)",
        "INSERT INTO mine VALUES (hex(zeroblob(1000)))",
        "INSERT INTO mine SELECT text FROM mine UNION ALL SELECT text FROM mine",
        "INSERT INTO mine SELECT text FROM mine UNION ALL SELECT text FROM mine",
        "DROP TRIGGER captions_deleted",
    )
    damaged = bytearray(path.read_bytes())
    damaged[-4096] = 0  # no kind of page, of the table that was filled last
    path.write_bytes(damaged)
    with pytest.raises(CorruptError):
        changed(path)
    assert path.read_bytes() == damaged
    assert not snapshots(path).of("abc")


def test_rows_that_break_rules_are_no_damage(tmp_path: Path) -> None:
    path = change(
        made(tmp_path),
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE captions SET source = 'x' WHERE id = 1",
        "DROP TRIGGER captions_deleted",
    )
    changed(path)
    assert examine(path, registry()).status == Status.CURRENT
    assert content(path, "SELECT source FROM captions WHERE id = 1") == [("x",)]


def test_text_that_is_not_utf_8_stays_as_it_is(tmp_path: Path) -> None:
    path = change(made(tmp_path, version=1), "UPDATE tracks SET body = CAST(x'ff41fe' AS TEXT) WHERE id = 2")
    changed(path)
    assert content(path, "SELECT hex(body), typeof(body) FROM captions WHERE id = 2") == [("FF41FE", "text")]


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_disk_that_gets_full_at_any_point_leaves_the_file_unchanged(disk: Path, journal_mode: str) -> None:
    path = made(disk, version=1, rows=400, journal_mode=journal_mode)
    before, failures, room = rows_of(path), [], 0
    while examine(path, registry()).status == Status.OUTDATED:
        room += 8192
        status = os.statvfs(disk)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(status.f_bavail * status.f_frsize - room))
        failure = _failure(path)
        ballast.unlink()
        if failure:
            failures.append(type(failure))
            assert not list(snapshots(path).folder.rglob("*.*"))
            assert rows_of(path) == before
    assert failures.count(DiskFullError) > 5
    assert set(failures) <= {DiskFullError, UnreadableError}  # not even the index of a -wal found room
    assert examine(path, registry(), deep=True).status == Status.CURRENT


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that is soon full."""
    with small_disk(tmp_path) as folder:
        yield folder


def _failure(path: Path) -> FleetError | None:
    """What stops a change, if anything does."""
    try:
        changed(path)
    except FleetError as failure:
        return failure
    return None


def _after(steps: int) -> Callable[[], None]:
    """An interrupt that raises when it is called for that time."""
    counted = iter(range(1, steps))

    def interrupt() -> None:
        if next(counted, None) is None:
            raise CancelledError

    return interrupt


def test_ctrl_c_right_after_the_commit_keeps_the_snapshot(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)

    def interrupt(frame: FrameType, event: str, called: object) -> None:
        # COMMIT is the one statement that is executed just there.
        if event == "c_return" and frame.f_code.co_name == "_change" and getattr(called, "__name__", "") == "execute":
            raise KeyboardInterrupt

    sys.setprofile(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            changed(path)
    finally:
        sys.setprofile(None)
    assert content(path, "SELECT schema_version FROM database_metadata") == [(3,)]
    assert [snapshot.version for snapshot in snapshots(path).of("abc")] == [1]
