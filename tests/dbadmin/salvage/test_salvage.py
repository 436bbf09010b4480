"""What is salvaged of files that are damaged in one way or another."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dbadmin.change.apply import apply
from dbadmin.change.snapshots import Snapshots
from dbadmin.errors import BusyError, DiskFullError, UnknownVersionError, UnreadableError
from dbadmin.examine import examine
from dbadmin.salvage.errors import NotCorruptError, NothingToSalvageError
from dbadmin.salvage.report import SalvageReport
from dbadmin.salvage.salvage import salvage
from dbadmin.states import Status
from tests.dbadmin.change.changing import pair, registry_with
from tests.dbadmin.disks import small_disk
from tests.dbadmin.files import change, content, lose_pages_of, make_database, registry
from tests.dbadmin.salvage.damage import (
    PAGE,
    ROWS,
    TABLES,
    counts,
    make_large,
    overwrite,
    page_of,
    rows,
    unfinished_log,
)

_READ_AND_WAIT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT * FROM database_metadata").fetchall()
print("reading", flush=True)
sys.stdin.read()
"""


def salvaged(path: Path) -> SalvageReport:
    """Salvage, and check what always holds: a sound file, the numbers SQLite counts, the original in quarantine."""
    assert examine(path, registry(), deep=True).status is Status.CORRUPT
    original = path.read_bytes()
    report = salvage(path, registry(), path.parents[2] / ".quarantine")
    after = examine(path, registry(), deep=True)
    assert (after.status, after.flags, after.version) == (
        Status.CURRENT if report.version == 3 else Status.OUTDATED, frozenset(), report.version)  # fmt: skip
    assert {table: numbers.recovered for table, numbers in report.tables.items()} == counts(path)
    assert (report.quarantined / path.name).read_bytes() == original
    assert (
        len(content(report.quarantined / "lost_and_found.db", "SELECT * FROM lost_and_found")) == report.lost_and_found
    )
    return report


def test_all_rows_survive_the_loss_of_the_first_page(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    before = {table: rows(path, table) for table in TABLES}
    report = salvaged(overwrite(path, 1))
    assert {table: rows(path, table) for table in TABLES} == before
    assert (report.lost_and_found, report.unreadable, report.incomplete) == (0, 0, ())


def test_a_search_finds_what_it_found_before(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    query = "SELECT rowid FROM captions_search WHERE captions_search MATCH '789'"
    before = content(path, query)
    salvaged(overwrite(path, 1))
    assert content(path, query) == before == [(789,)]


@pytest.mark.parametrize("table", ["captions", "chapters"])
def test_the_loss_of_a_leaf_costs_its_rows_only(tmp_path: Path, table: str) -> None:
    path = make_large(tmp_path)
    before = rows(path, table)
    report = salvaged(overwrite(path, page_of(path, "leaf", table)))
    assert 0.8 < report.tables[table].recovered / ROWS < 1
    assert set(rows(path, table)) <= set(before)
    assert report.incomplete == (table,)


def test_the_loss_of_a_page_between_root_and_leaves_costs_no_row(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    before = rows(path, "captions")
    report = salvaged(overwrite(path, page_of(path, "internal", "captions")))
    assert rows(path, "captions") == before
    assert report.tables["captions"].uncertain == ROWS


def test_rows_whose_parent_is_lost_are_found_in_lost_and_found(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    report = salvaged(overwrite(path, page_of(path, "leaf", "captions")))
    lost = content(
        report.quarantined / "lost_and_found.db", "SELECT table_name, row_id, reason, cells FROM lost_and_found"
    )
    assert report.tables["chapters"].rejected == len(lost) == ROWS - report.tables["captions"].recovered
    table, rowid, reason, cells = lost[0]
    assert (table, reason) == ("chapters", "the row of captions that it refers to is lost")
    assert json.loads(str(cells))["title"] == f"Chapter {rowid}"


@pytest.mark.parametrize("column", ["rowid", "_ROWID_"])
def test_the_rows_whose_parent_is_lost_are_those_also_where_a_column_is_called_rowid(
    tmp_path: Path, column: str
) -> None:
    sql = f"CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c ({column} INTEGER, p_id REFERENCES p);"
    path, other = pair(tmp_path, f"{sql} CREATE TABLE z (a);", sql)
    change(
        path, "INSERT INTO p VALUES (1)", "INSERT INTO c VALUES (3, 1), (9, 1), (7, 5)", "DELETE FROM c WHERE oid = 1"
    )
    salvage(lose_pages_of(path, "z"), other, tmp_path / ".quarantine")
    assert content(path, f"SELECT oid, {column}, p_id FROM c") == [(2, 9, 1)]


def test_garbage_in_a_page_costs_its_rows_only(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    number = page_of(path, "leaf", "chapters")
    report = salvaged(overwrite(path, number, os.urandom(PAGE)))
    assert report.tables["chapters"].recovered > 0.8 * ROWS
    assert report.tables["captions"].recovered == ROWS


def test_a_file_cut_short_keeps_the_rows_before_the_cut(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    os.truncate(path, path.stat().st_size * 2 // 3 + 100)
    report = salvaged(path)
    assert report.tables["captions"].recovered > 0
    assert report.incomplete


def test_what_is_committed_in_the_log_counts(tmp_path: Path) -> None:
    path = make_large(tmp_path, journal_mode="wal")
    with unfinished_log(path) as connection:
        connection.execute("UPDATE chapters SET start_ms = 0 WHERE id <= 500")
        connection.execute("PRAGMA cache_size = 5")
        connection.execute("BEGIN")
        connection.execute("UPDATE chapters SET start_ms = 1")
    log = Path(f"{path}-wal").read_bytes()
    report = salvaged(overwrite(path, 1))
    assert (report.quarantined / "captions.db-wal").read_bytes() == log
    assert content(path, "SELECT start_ms, count(*) FROM chapters WHERE start_ms < 2 GROUP BY 1") == [(0, 500)]
    assert counts(path) == {"database_metadata": 1, "captions": ROWS, "chapters": ROWS}
    assert content(path, "PRAGMA journal_mode") == [("wal",)]


def test_neither_log_nor_journal_is_left_beside_the_new_file(tmp_path: Path) -> None:
    path = make_large(tmp_path, journal_mode="wal")
    with unfinished_log(path) as connection:
        connection.execute("DELETE FROM chapters WHERE id > 500")
    salvaged(overwrite(path, page_of(path, "leaf", "captions")))
    assert content(path, "SELECT count(*) FROM chapters WHERE id > 500") == [(0,)]
    assert [file.name for file in path.parent.iterdir()] == ["captions.db"]


def test_text_that_is_no_utf8_stays_as_it_is(tmp_path: Path) -> None:
    path = change(make_large(tmp_path), "UPDATE captions SET body = CAST(x'61ff62' AS TEXT) WHERE id = 7")
    salvaged(overwrite(path, 1))
    assert content(path, "SELECT hex(body), typeof(body) FROM captions WHERE id = 7") == [("61FF62", "text")]


@pytest.mark.parametrize("table", ["sqlite_schema", "captions"])
def test_freed_rows_do_not_come_back(tmp_path: Path, table: str) -> None:
    path = make_large(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM chapters WHERE id > 500")
        assert connection.execute("PRAGMA freelist_count").fetchone()[0] > 2
    report = salvaged(overwrite(path, page_of(path, "leaf", table)))
    assert content(path, "SELECT count(*) FROM chapters WHERE id > 500") == [(0,)]
    if table == "sqlite_schema":
        assert report.tables["chapters"].recovered == 500


def test_a_row_that_breaks_a_rule_is_rejected_and_kept(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE chapters SET start_ms = -5 WHERE id = 9")
    report = salvaged(overwrite(path, 1))
    assert (report.tables["chapters"].recovered, report.tables["chapters"].rejected) == (ROWS - 1, 1)
    found = content(report.quarantined / "lost_and_found.db", "SELECT row_id, reason, cells FROM lost_and_found")
    assert found[0][:2] == (9, "CHECK constraint failed: start_ms >= 0")
    assert json.loads(str(found[0][2]))["start_ms"] == -5


def test_a_row_that_an_expression_refuses_is_rejected_and_kept(tmp_path: Path) -> None:
    says = (
        "CREATE VIEW",
        "CREATE TABLE said (id INTEGER PRIMARY KEY, x TEXT, y AS (json_extract(x, '$.y')) STORED);\nCREATE VIEW",
    )
    other = registry_with(tmp_path / "registry", 3, *says)
    path = make_large(tmp_path)
    change(path, says[1].partition(";")[0], """INSERT INTO said (x) VALUES ('{"y":1}'), ('{"y":2}')""")
    change(path, f"UPDATE database_metadata SET schema_checksum = '{other.fingerprint(3)}'")
    path.write_bytes(path.read_bytes().replace(b'{"y":2}', b'{"y":2 '))
    report = salvage(overwrite(path, page_of(path, "leaf", "captions")), other, tmp_path / ".quarantine")
    assert (report.tables["said"].recovered, report.tables["said"].rejected) == (1, 1)
    found = content(
        report.quarantined / "lost_and_found.db", "SELECT cells FROM lost_and_found WHERE table_name = 'said'"
    )
    assert json.loads(str(found[0][0]))["x"] == '{"y":2 '


def test_a_row_whose_computed_value_is_of_another_type_is_rejected_and_kept(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (a TEXT, g INTEGER AS (a), h ANY AS (a)) STRICT;"
    path, other = pair(tmp_path, f"{sql} CREATE TABLE z (a);", sql)
    change(path, "INSERT INTO t VALUES ('x'), ('2'), (NULL)")
    report = salvage(lose_pages_of(path, "z"), other, tmp_path / ".quarantine")
    assert content(path, "SELECT a, g FROM t") == [("2", 2), (None, None)]
    found = content(report.quarantined / "lost_and_found.db", "SELECT row_id, reason, cells FROM lost_and_found")
    assert found == [(1, "t.g is not INTEGER", '{"a": "x"}')]


def test_values_that_a_columns_type_writes_otherwise_are_told_and_kept(tmp_path: Path) -> None:
    path, other = pair(tmp_path, "CREATE TABLE t (n TEXT); CREATE TABLE z (a);", "CREATE TABLE t (n INTEGER);")
    change(path, "INSERT INTO t VALUES ('007'), ('7'), ('1e999'), ('x'), (NULL)")
    report = salvage(lose_pages_of(path, "z"), other, tmp_path / ".quarantine")
    assert (report.tables["t"].recovered, report.tables["t"].uncertain) == (5, 2)
    found = content(report.quarantined / "lost_and_found.db", "SELECT row_id, cells FROM lost_and_found")
    assert found == [(1, '{"n": "007"}'), (3, '{"n": "1e999"}')]


def test_a_table_that_no_version_knows_is_found_in_lost_and_found(tmp_path: Path) -> None:
    path = change(make_large(tmp_path), "CREATE TABLE notes (note)", "INSERT INTO notes VALUES ('mine'), (x'ff')")
    report = salvaged(overwrite(path, page_of(path, "leaf", "captions")))
    found = content(
        report.quarantined / "lost_and_found.db", "SELECT cells FROM lost_and_found WHERE table_name = 'notes'"
    )
    assert [json.loads(str(cells)) for (cells,) in found] == [{"note": "mine"}, {"note": {"hex": "ff"}}]


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_version_stays_what_it_is(tmp_path: Path, version: int) -> None:
    path = overwrite(make_large(tmp_path, version), 1)
    report = salvage(path, registry(), tmp_path / ".quarantine")
    assert report.version == version
    assert examine(path, registry(), deep=True).status is Status.OUTDATED
    assert report.tables["tracks" if version == 1 else "captions"].recovered == ROWS


def test_tables_are_known_by_their_rows_where_their_roots_have_moved(tmp_path: Path) -> None:
    path = change(make_large(tmp_path), "PRAGMA auto_vacuum = FULL", "VACUUM")
    before = {table: rows(path, table) for table in TABLES}
    report = salvaged(overwrite(path, 1))
    assert {table: rows(path, table) for table in TABLES} == before
    assert report.tables["captions"].uncertain == ROWS
    assert (report.lost_and_found, report.incomplete) == (0, ())


def test_the_version_is_told_by_the_rows_when_metadata_is_lost_too(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    overwrite(path, page_of(path, "leaf", "database_metadata"))
    assert salvage(overwrite(path, 1), registry(), tmp_path / ".quarantine").version == 3
    assert examine(path, registry(), deep=True).status is Status.CURRENT


def test_numbers_that_were_given_are_not_given_again(tmp_path: Path) -> None:
    path = change(make_large(tmp_path), "DELETE FROM chapters WHERE id > 990")
    salvaged(overwrite(path, 1))
    change(path, "INSERT INTO chapters (title, start_ms) VALUES ('next', 1)")
    assert content(path, "SELECT max(id) FROM chapters") == [(ROWS + 1,)]


def test_the_manifest_says_what_is_in_quarantine_and_why(tmp_path: Path) -> None:
    path = overwrite(make_large(tmp_path), 1)
    report = salvaged(path)
    manifest = json.loads((report.quarantined / "manifest.json").read_text())
    data = (report.quarantined / "captions.db").read_bytes()
    assert manifest["files"] == {"captions.db": {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}}
    assert manifest["path"] == str(path)
    assert "is not a SQLite database" in manifest["why"]
    assert json.loads((report.quarantined / "report.json").read_text()) == report.as_data()


def test_the_new_file_may_be_read_by_whom_the_old_one_might(tmp_path: Path) -> None:
    path = overwrite(make_large(tmp_path), 1)
    path.chmod(0o640)
    salvaged(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_symlink_beside_the_file_is_not_followed(tmp_path: Path, suffix: str) -> None:
    path = overwrite(make_large(tmp_path), 1)
    private = tmp_path / "private"
    private.write_text("secret")
    Path(f"{path}{suffix}").symlink_to(private)
    report = salvage(path, registry(), tmp_path / ".quarantine")
    assert report.tables["captions"].recovered == ROWS
    assert not [file for file in report.quarantined.iterdir() if b"secret" in file.read_bytes()]
    assert (private.read_text(), Path(f"{path}{suffix}").is_symlink()) == ("secret", False)


def test_a_sound_file_is_refused(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    before = path.read_bytes()
    with pytest.raises(NotCorruptError, match="is current, not corrupt"):
        salvage(path, registry(), tmp_path / ".quarantine")
    assert path.read_bytes() == before
    assert not list((tmp_path / ".quarantine").iterdir())


def test_a_file_without_a_row_to_find_stays_as_it_is(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    path.write_text("words " * 5000)
    with pytest.raises(NothingToSalvageError, match="restore a snapshot"):
        salvage(path, registry(), tmp_path / ".quarantine")
    assert path.read_text() == "words " * 5000


def test_an_unknown_version_is_never_changed(tmp_path: Path) -> None:
    path = change(make_large(tmp_path), "UPDATE database_metadata SET schema_version = 99")
    before = overwrite(path, page_of(path, "leaf", "captions")).read_bytes()
    with pytest.raises(UnknownVersionError, match="version 99"):
        salvage(path, registry(), tmp_path / ".quarantine")
    assert path.read_bytes() == before


def test_a_file_that_is_missing_or_a_folder_is_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(UnreadableError):
            salvage(path, registry(), tmp_path / ".quarantine")


def test_a_file_whose_rows_are_all_gone_stays_as_it_is(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    os.truncate(path, PAGE)
    before = path.read_bytes()
    with pytest.raises(NothingToSalvageError, match="No row was found"):
        salvage(path, registry(), tmp_path / ".quarantine")
    assert path.read_bytes() == before


def test_an_unfinished_change_is_taken_back_first(tmp_path: Path) -> None:
    path = make_large(tmp_path)
    before = rows(path, "chapters")
    overwrite(path, page_of(path, "leaf", "captions_search_data"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 2")
        connection.execute("BEGIN")
        connection.execute("UPDATE chapters SET title = upper(title)")
        killed = shutil.copytree(path.parent, tmp_path / "cd" / "killed")
    report = salvage(killed / path.name, registry(), tmp_path / ".quarantine")
    assert rows(killed / path.name, "chapters") == before
    assert (report.quarantined / "captions.db-journal").stat().st_size > PAGE
    assert [file.name for file in killed.iterdir()] == ["captions.db"]


def test_a_file_in_use_is_busy_and_left_alone(tmp_path: Path) -> None:
    path = make_large(tmp_path, journal_mode="wal")
    overwrite(path, page_of(path, "leaf", "captions"))
    before = path.read_bytes()
    holder = subprocess.Popen(
        [sys.executable, "-c", _READ_AND_WAIT, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout
    holder.stdout.readline()
    with pytest.raises(BusyError):
        salvage(path, registry(), tmp_path / ".quarantine", timeout=0)
    holder.communicate(b"enough")
    assert path.read_bytes() == before
    assert salvage(path, registry(), tmp_path / ".quarantine").tables["chapters"].recovered > 0


def test_a_migrated_file_is_salvaged_as_the_version_it_came_to(tmp_path: Path) -> None:
    path = make_large(tmp_path, 1)
    apply(path, registry(), Snapshots(tmp_path / ".snapshots"))
    before = rows(path, "captions")
    report = salvaged(overwrite(path, 1))
    assert report.version == 3
    assert rows(path, "captions") == before
    assert content(path, "SELECT migrated_at NOTNULL, verified_at FROM database_metadata") == [(1, None)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that is soon full."""
    with small_disk(tmp_path) as folder:
        yield folder


def test_a_disk_that_is_full_at_any_point_leaves_the_file_as_it_is(disk: Path) -> None:
    path = overwrite(make_database(disk / "ab" / "abc" / "captions.db", rows=200), 1)
    before, failures, room = path.read_bytes(), 0, 0
    while path.read_bytes() == before:
        room += 16384
        status = os.statvfs(disk)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(status.f_bavail * status.f_frsize - room))
        try:
            salvage(path, registry(), disk / ".quarantine")
        except (DiskFullError, UnreadableError):
            failures += 1
            assert path.read_bytes() == before
            assert {file for file in disk.rglob("*") if file.is_file()} == {path, ballast}
        ballast.unlink()
    assert failures > 5
    assert examine(path, registry(), deep=True).status is Status.CURRENT
