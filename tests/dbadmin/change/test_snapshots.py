"""Snapshots: what they are, how long they stay, the way back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dbadmin.change import state
from dbadmin.change.errors import ChangedSinceError, UnknownSnapshotError
from dbadmin.change.rollback import bring_back, restore
from dbadmin.change.snapshots import Snapshot, Snapshots
from dbadmin.errors import BusyError, CorruptError, UnknownVersionError, UnreadableError
from tests.dbadmin.change.changing import changed, made, planned, snapshots
from tests.dbadmin.change.dumps import rows_of, schema_of
from tests.dbadmin.files import change, content, make_database, registry


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_snapshot_is_the_database_as_it_was(tmp_path: Path, journal_mode: str) -> None:
    path = made(tmp_path, version=1, journal_mode=journal_mode)
    before = rows_of(path), schema_of(path)
    snapshot = changed(path).snapshot
    assert snapshot is not None
    assert (rows_of(snapshot.path), schema_of(snapshot.path)) == before
    assert (snapshot.version, snapshot.fingerprint) == (1, registry().fingerprint(1))
    assert snapshots(path).of("abc") == [snapshot]
    assert snapshots(path).get(snapshot.id) == snapshot


def test_a_snapshot_has_what_is_only_in_the_write_ahead_log(tmp_path: Path) -> None:
    path = made(tmp_path, version=1, journal_mode="wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("INSERT INTO tracks (lang, body) VALUES ('xx', 'in the log')")
        snapshot = changed(path).snapshot
    assert snapshot is not None
    assert any(b"in the log" in row for row in rows_of(snapshot.path)["tracks"])


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_restoring_brings_back_what_was(tmp_path: Path, journal_mode: str) -> None:
    path = made(tmp_path, version=1, journal_mode=journal_mode)
    before = rows_of(path), schema_of(path)
    snapshot = changed(path).snapshot
    assert snapshot is not None
    with closing(sqlite3.connect(path)) as reader:  # that has the file open all the while
        reader.execute("SELECT * FROM captions").fetchall()
        replaced = restore(path, registry(), snapshots(path), snapshot.id)
        assert len(reader.execute("SELECT * FROM tracks").fetchall()) == 3
    assert (rows_of(path), schema_of(path)) == before
    assert replaced.version == 3
    restore(path, registry(), snapshots(path), replaced.id)
    assert "table captions" in schema_of(path)


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
@pytest.mark.parametrize("auto_vacuum", ["full", "incremental"])
def test_a_change_of_a_file_that_frees_its_pages_by_itself_is_no_change_since(
    tmp_path: Path, journal_mode: str, auto_vacuum: str
) -> None:
    path = change(made(tmp_path), "ALTER TABLE captions DROP COLUMN created_at")  # comes back by a rebuild
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA auto_vacuum = {auto_vacuum}")
        connection.execute("VACUUM")
        connection.execute(f"PRAGMA journal_mode = {journal_mode}")
    before = rows_of(path), schema_of(path)
    snapshot = changed(path).snapshot
    assert snapshot is not None
    restore(path, registry(), snapshots(path), snapshot.id)
    assert (rows_of(path), schema_of(path)) == before


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
@pytest.mark.parametrize("page_size", [1024, 8192])
def test_restoring_over_a_file_with_pages_of_another_size_brings_back_every_row(
    tmp_path: Path, journal_mode: str, page_size: int
) -> None:
    path = made(tmp_path, version=1, rows=500, journal_mode=journal_mode)
    change(
        path,
        "CREATE TABLE notes (note)",
        "INSERT INTO notes VALUES ('gone'), ('kept')",
        "DELETE FROM notes WHERE rowid = 1",
    )
    before = rows_of(path), schema_of(path), content(path, "SELECT rowid, note FROM notes")
    snapshot = changed(path).snapshot
    assert snapshot is not None
    change(
        path,
        "PRAGMA journal_mode = DELETE",
        f"PRAGMA page_size = {page_size}",
        "VACUUM",
        f"PRAGMA journal_mode = {journal_mode}",
    )
    replaced = restore(path, registry(), snapshots(path), snapshot.id, consent=True)
    assert (rows_of(path), schema_of(path), content(path, "SELECT rowid, note FROM notes")) == before
    assert content(path, "PRAGMA integrity_check") == [("ok",)]
    assert content(path, "PRAGMA journal_mode") == [(journal_mode,)]
    assert {file.name for file in replaced.path.parent.iterdir()} == {
        name.name for each in (snapshot, replaced) for name in (each.path, each.path.with_suffix(".json"))
    }


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_snapshot_that_cannot_be_restored_leaves_nothing_behind(tmp_path: Path, journal_mode: str) -> None:
    path = made(tmp_path, version=1, rows=500, journal_mode=journal_mode)
    snapshot = changed(path).snapshot
    assert snapshot is not None
    change(
        path,
        "PRAGMA journal_mode = DELETE",
        "PRAGMA page_size = 8192",
        "VACUUM",
        f"PRAGMA journal_mode = {journal_mode}",
    )
    before = rows_of(path), schema_of(path)
    snapshot.path.write_bytes(b"words" * 1000)
    with pytest.raises(CorruptError, match=snapshot.path.name):
        restore(path, registry(), snapshots(path), snapshot.id, consent=True)
    assert (rows_of(path), schema_of(path)) == before
    assert {file.name for file in snapshot.path.parent.iterdir()} == {
        snapshot.path.name,
        snapshot.path.with_suffix(".json").name,
    }


def test_restoring_over_new_rows_needs_consent(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    snapshot = changed(path).snapshot
    assert snapshot is not None
    change(path, "INSERT INTO captions (language, source, body) VALUES ('xx', 'auto', 'new')")
    after = rows_of(path)
    with pytest.raises(ChangedSinceError, match="rows written since"):
        restore(path, registry(), snapshots(path), snapshot.id)
    assert rows_of(path) == after
    restore(path, registry(), snapshots(path), snapshot.id, consent=True)
    assert "table tracks" in schema_of(path)


def test_rows_that_are_only_in_the_log_of_a_large_database_need_consent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "LARGEST_DIGESTED", 0)
    path = made(tmp_path, version=1, journal_mode="wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("SELECT * FROM tracks").fetchall()
        snapshot = changed(path).snapshot
        assert snapshot is not None
        writer.execute("INSERT INTO captions (language, source, body) VALUES ('xx', 'auto', 'new')")
        with pytest.raises(ChangedSinceError):
            restore(path, registry(), snapshots(path), snapshot.id)


class _Overtaken(Snapshots):
    """Somebody writes right after the snapshot of what is to be replaced."""

    def take(self, path: Path, database_id: str, *, made_for: str = "") -> Snapshot:
        """As ever, and then a row that is in no snapshot."""
        snapshot = super().take(path, database_id, made_for=made_for)
        change(path, "INSERT INTO captions (language, source, body) VALUES ('xx', 'auto', 'new')")
        return snapshot


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
@pytest.mark.parametrize("consent", [False, True])
def test_a_row_that_comes_while_it_is_restored_is_not_lost(tmp_path: Path, journal_mode: str, *, consent: bool) -> None:
    path = made(tmp_path, version=1, journal_mode=journal_mode)
    snapshot = changed(path).snapshot
    assert snapshot is not None
    with pytest.raises(BusyError, match="written to at this moment"):
        restore(path, registry(), _Overtaken(snapshots(path).folder), snapshot.id, consent=consent)
    assert content(path, "SELECT body FROM captions WHERE language = 'xx'") == [("new",)]
    assert snapshots(path).of("abc") == [snapshot]


def gone(path: Path) -> Snapshot:
    """A snapshot of a file that is gone, with its folder."""
    snapshot = changed(path).snapshot
    assert snapshot is not None
    shutil.rmtree(path.parent)
    return snapshot


def test_a_snapshot_takes_the_place_of_a_file_that_is_gone(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    before = rows_of(path)
    bring_back(path, snapshots(path), gone(path).id)
    assert rows_of(path) == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_file_that_is_there_again_is_not_replaced_by_a_snapshot(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    snapshot = gone(path)
    before = made(tmp_path, rows=7).read_bytes()
    with pytest.raises(BusyError, match="there again"):
        bring_back(path, snapshots(path), snapshot.id)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_log_that_was_left_alone_is_not_laid_over_a_snapshot(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    snapshot = gone(path)
    path.parent.mkdir()
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(b"frames")
    with pytest.raises(UnreadableError, match="move it away"):
        bring_back(path, snapshots(path), snapshot.id)
    assert [one.name for one in path.parent.iterdir()] == [log.name]


def test_a_damaged_snapshot_is_not_put_in_place(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    snapshot = gone(path)
    snapshot.path.write_bytes(b"no database" * 1000)
    with pytest.raises(CorruptError):
        bring_back(path, snapshots(path), snapshot.id)
    assert not path.exists()


def test_the_snapshot_of_another_database_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    snapshot = changed(path).snapshot
    assert snapshot is not None
    other = make_database(path.parents[1] / "other" / path.name, rows=7)
    before = other.read_bytes()
    with pytest.raises(UnknownSnapshotError, match="not one of"):
        restore(other, registry(), snapshots(path), snapshot.id, consent=True)
    assert other.read_bytes() == before


def test_a_file_of_an_unknown_version_is_not_restored_either(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    snapshot = changed(path).snapshot
    assert snapshot is not None
    change(path, "UPDATE database_metadata SET schema_version = 99")
    before = path.read_bytes()
    with pytest.raises(UnknownVersionError, match="It is left as it is"):
        restore(path, registry(), snapshots(path), snapshot.id, consent=True)
    assert path.read_bytes() == before
    assert snapshots(path).of("abc") == [snapshot]


def test_a_plan_down_keeps_the_rows_that_came_since(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    changed(path)
    change(path, "INSERT INTO captions (language, source, body) VALUES ('xx', 'auto', 'new')")
    changed(path, to_version=1, consent=planned(path, to_version=1).hash)
    assert any(b"new" in row for row in rows_of(path)["tracks"])


def test_old_snapshots_go_but_the_latest_stays(tmp_path: Path) -> None:
    path = made(tmp_path, version=3)
    taken = [snapshots(path).take(path, "abc") for _ in range(3)]
    assert snapshots(path).prune(days=0, max_bytes=10**9) == 2
    assert snapshots(path).of("abc") == [taken[-1]]


def test_the_oldest_go_when_there_is_too_much(tmp_path: Path) -> None:
    path = made(tmp_path, version=3)
    taken = [snapshots(path).take(path, "abc") for _ in range(3)]
    other = snapshots(path).take(path, "xyz")
    snapshots(path).prune(days=30, max_bytes=3 * taken[0].size)
    assert snapshots(path).of("abc") == taken[:0:-1]
    assert snapshots(path).of("xyz") == [other]
    snapshots(path).prune(days=30, max_bytes=0)
    assert snapshots(path).of("abc") == [taken[-1]]


def test_a_snapshot_that_goes_while_they_are_listed_is_not_listed(tmp_path: Path) -> None:
    path = made(tmp_path)
    left = snapshots(path).take(path, "abc")
    # A name whose file is not there, which is what a removal in between leaves the listing with.
    left.path.with_name("20260101T000000.000000Z-v1.db").symlink_to("gone")
    assert snapshots(path).of("abc") == [left]


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "abc", "abc/none", "../abc/20260101T000000.000000Z-v1", "abc/../x", "/etc/passwd"),
        *(f"{name}/20260101T000000.000000Z-v1" for name in ("abc", "a" * 300, "a\0b", "\ud800")),
    ],
)
def test_what_is_no_snapshot_is_not_found(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(UnknownSnapshotError):
        snapshots(made(tmp_path)).get(wrong)
