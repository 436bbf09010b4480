"""The schema read from pages: as SQLite says it, or not at all."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dbadmin.sqlite_file import direct
from dbadmin.sqlite_file.direct import DirectReading, read_schema
from dbadmin.sqlite_file.header import Header, parse_header
from dbadmin.sqlite_file.look import look
from tests.dbadmin.sqlite_file.files import METADATA, ONE_ROW, SCHEMA, Answer, ask_sqlite, make_file, settle

_READ_AND_TELL = """
import sys, pathlib
from dbadmin.sqlite_file.direct import read_schema
reading = read_schema(pathlib.Path(sys.argv[1]))
sys.stdout.write("None" if reading is None else type(reading).__name__)
"""


def as_answer(reading: DirectReading | None) -> Answer:
    """A reading in SQLite's form."""
    assert reading is not None
    rows: list[tuple[object, ...]] = [tuple(row) for row in reading.rows]
    if reading.metadata is None:
        return rows, None
    return rows, [dict(zip(reading.columns, row, strict=True)) for row in reading.metadata]


@pytest.mark.parametrize("page_size", [512, 1024, 4096, 32768, 65536])
@pytest.mark.parametrize("journal_mode", ["DELETE", "WAL"])
@pytest.mark.parametrize("auto_vacuum", [0, 1, 2])
def test_a_settled_file_reads_as_sqlite_reads_it(
    tmp_path: Path, page_size: int, journal_mode: str, auto_vacuum: int
) -> None:
    path = make_file(tmp_path / "a.db", page_size=page_size, auto_vacuum=auto_vacuum, journal_mode=journal_mode)
    assert as_answer(read_schema(path)) == ask_sqlite(path)


def test_a_schema_of_many_pages_with_a_long_statement_reads_as_sqlite_reads_it(tmp_path: Path) -> None:
    many = [f"CREATE TABLE table_{number} (a, b, c)" for number in range(200)]
    long = f"CREATE TABLE wide ({', '.join(f'column_{number} TEXT NOT NULL' for number in range(900))})"
    path = make_file(tmp_path / "a.db", [*many, long, METADATA, ONE_ROW, *(f"DROP TABLE table_{n}" for n in (3, 77))])
    assert as_answer(read_schema(path)) == ask_sqlite(path)


def test_a_schema_that_differs_after_its_first_page_only_is_read_anew(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db", [f"CREATE TABLE table_{number} (a, b, c)" for number in range(200)])
    assert read_schema(path)
    data = path.read_bytes()
    first, later = data[:4096], data[4096:]
    path.write_bytes(first + later.replace(b"CREATE TABLE table_150 (a", b"CREATE TABLE table_150 (z"))
    assert as_answer(read_schema(settle(path))) == ask_sqlite(path)
    assert path.read_bytes() != data


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_a_schema_on_equal_pages_is_remembered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page_size: int
) -> None:
    monkeypatch.setattr(direct, "_remembered", [])
    for name in ("a.db", "b.db"):
        assert read_schema(make_file(tmp_path / name, page_size=page_size))
    assert len(direct._remembered) == 1


@pytest.mark.parametrize("rows", [[], ["INSERT INTO database_metadata (id, version) VALUES (7, 'abc'), (-3, NULL)"]])
def test_metadata_without_a_row_or_with_several_are_told(tmp_path: Path, rows: list[str]) -> None:
    table = "CREATE TABLE Database_Metadata (version INT, id INTEGER PRIMARY KEY)"
    path = make_file(tmp_path / "a.db", [table, *rows])
    assert as_answer(read_schema(path)) == ask_sqlite(path)


def test_a_file_without_metadata_has_none(tmp_path: Path) -> None:
    reading = read_schema(make_file(tmp_path / "a.db", ["CREATE TABLE a (b)"]))
    assert reading is not None
    assert reading.metadata is None


def test_the_key_knows_the_statements_and_not_where_the_tables_lie(tmp_path: Path) -> None:
    first = read_schema(make_file(tmp_path / "a.db"))
    moved = read_schema(make_file(tmp_path / "b.db", ["CREATE TABLE a (b)", *SCHEMA, "DROP TABLE a"]))
    other = read_schema(make_file(tmp_path / "c.db", [*SCHEMA, "CREATE INDEX more ON words (data)"]))
    assert first
    assert moved
    assert other
    assert first.rows != moved.rows
    assert first.schema_key == moved.schema_key != other.schema_key


def test_frames_in_a_log_are_left_to_sqlite(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db", journal_mode="WAL")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE later (a)")
    assert read_schema_in_a_child(settle(path)) == "None"
    connection.close()


def test_an_empty_log_is_no_doubt(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db", journal_mode="WAL")
    Path(f"{path}-wal").touch()
    assert read_schema(path)


def test_a_writer_is_left_to_sqlite_and_keeps_its_lock(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db", journal_mode="MEMORY")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    assert read_schema_in_a_child(path) == "None"
    connection.execute("COMMIT")
    assert read_schema_in_a_child(path) == "DirectReading"
    connection.close()


def test_a_journal_is_left_to_sqlite(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db")
    Path(f"{path}-journal").touch()
    assert read_schema(path) is None


def test_a_reading_says_how_the_file_looked(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db")
    reading = read_schema(path)
    assert reading
    assert reading.seen.signature == getattr(look(str(path)), "signature", None)


def test_a_file_changed_just_now_is_left_to_sqlite(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.db")
    os.utime(path)
    assert read_schema(path) is None


def replace(path: Path) -> None:
    """Put an equal file into a file's place."""
    settle(Path(shutil.copy(path, f"{path}.new"))).replace(path)


@pytest.mark.parametrize("change", [os.utime, os.remove, replace])
def test_a_file_that_changes_while_it_is_read_is_left_to_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    path = make_file(tmp_path / "a.db")

    def parse_changed(data: bytes) -> Header:
        change(path)
        return parse_header(data)

    monkeypatch.setattr(direct, "parse_header", parse_changed)
    assert read_schema(path) is None


@pytest.mark.parametrize("encoding", ["'UTF-16le'", "'UTF-16be'"])
def test_other_encodings_are_left_to_sqlite(tmp_path: Path, encoding: str) -> None:
    assert read_schema(make_file(tmp_path / "a.db", encoding=encoding)) is None


def test_what_is_no_database_is_left_to_sqlite(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("words " * 2000)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(make_file(tmp_path / "a.db"))
    os.mkfifo(tmp_path / "pipe")
    for name in ("empty", "text", "pipe"):
        settle(tmp_path / name)
    assert [read_schema(tmp_path / name) for name in ("empty", "text", "folder", "link", "pipe", "nothing")] == [
        None
    ] * 6


def test_a_column_added_after_the_row_was_written_is_left_to_sqlite(tmp_path: Path) -> None:
    assert read_schema(make_file(tmp_path / "a.db", [*SCHEMA, "ALTER TABLE database_metadata ADD extra"])) is None


def test_a_view_of_the_metadatas_name_is_left_to_sqlite(tmp_path: Path) -> None:
    assert read_schema(make_file(tmp_path / "a.db", ["CREATE VIEW database_metadata AS SELECT 1 AS id"])) is None


@pytest.mark.parametrize("name", ["words", "words_by_weight", "heavy", "no_empty_word", "found"])
def test_what_says_that_it_is_where_the_schema_is_is_left_to_sqlite(tmp_path: Path, name: str) -> None:
    on_page_1 = f"UPDATE sqlite_schema SET rootpage = 1 WHERE name = '{name}'"
    path = make_file(tmp_path / "a.db", [*SCHEMA, "PRAGMA writable_schema = ON", on_page_1])
    assert read_schema(path) is None


def read_schema_in_a_child(path: Path) -> str:
    """The type of what a process without a connection to the file reads."""
    return subprocess.run(
        [sys.executable, "-c", _READ_AND_TELL, path], check=True, capture_output=True, text=True
    ).stdout
