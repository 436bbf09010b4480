"""The log and the journal mean what SQLite takes them to mean."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbadmin.salvage.image import open_image
from dbadmin.sqlite_file.journal import read_journal
from dbadmin.sqlite_file.overlay import Overlay
from dbadmin.sqlite_file.wal import read_wal

_MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT hex(randomblob(40)) FROM n"
_BEGIN = ("PRAGMA page_size = 1024", "CREATE TABLE t (id INTEGER PRIMARY KEY, a)")
# Of three commits the first is copied into the file and the log begun again; the last change is not committed.
_LOG = (
    "PRAGMA journal_mode = WAL",
    "INSERT INTO t (a) " + _MANY.format(300),
    "PRAGMA wal_checkpoint(RESTART)",
    "UPDATE t SET a = 'second' WHERE id % 50 = 0",
    "DELETE FROM t WHERE id > 250",
)
_JOURNAL = ("INSERT INTO t (a) " + _MANY.format(3000),)
_UNFINISHED = ("PRAGMA cache_size = 2", "BEGIN", "UPDATE t SET a = id")


def leave_open(folder: Path, statements: tuple[str, ...]) -> Path:
    """A copy of a database, with what lies beside it, in the middle of a change: as a killed process leaves it."""
    with closing(sqlite3.connect(folder / "a.db", isolation_level=None)) as connection:
        for statement in (*_BEGIN, *statements, *_UNFINISHED):
            connection.execute(statement)
        for file in folder.glob("a.db*"):
            shutil.copy(file, folder / file.name.replace("a.db", "b.db"))
    return folder / "b.db"


def pages_of(path: Path, overlay: Overlay | None) -> bytes:
    """All pages of a file with an overlay."""
    descriptor = os.open(path, os.O_RDONLY)
    image = open_image(descriptor, [overlay])
    data = b"".join(image.page(number) for number in range(1, image.count + 1))
    os.close(descriptor)
    return data


def as_sqlite_leaves_it(path: Path) -> bytes:
    """The file after SQLite has opened it, copied in or taken back what lay beside it, and closed it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return path.read_bytes()


def test_a_log_reads_as_sqlite_would_copy_it_into_the_file(tmp_path: Path) -> None:
    path = leave_open(tmp_path, _LOG)
    read = pages_of(path, read_wal(Path(f"{path}-wal").read_bytes()))
    assert read == as_sqlite_leaves_it(path)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a log, to be copied."""
    return leave_open(tmp_path_factory.mktemp("log"), _LOG)


@given(place=st.floats(0, 1), byte=st.integers(1, 255))
def test_a_damaged_log_counts_as_far_as_sqlite_reads_it(log: Path, place: float, byte: int) -> None:
    path = log.with_name("c.db")
    data = bytearray(Path(f"{log}-wal").read_bytes())
    data[int(place * (len(data) - 1))] ^= byte
    shutil.copy(log, path)
    Path(f"{path}-wal").write_bytes(data)
    read = pages_of(path, read_wal(bytes(data)))
    assert read == as_sqlite_leaves_it(path)


def test_an_empty_log_and_one_that_is_none_are_nothing() -> None:
    assert read_wal(b"") is None
    assert read_wal(b"words " * 1000) is None


def test_a_hot_journal_reads_as_sqlite_would_take_it_back(tmp_path: Path) -> None:
    path = leave_open(tmp_path, _JOURNAL)
    journal = read_journal(Path(f"{path}-journal").read_bytes())
    assert journal
    before = path.read_bytes()
    read = pages_of(path, journal)
    assert read != before
    assert read == as_sqlite_leaves_it(path)


def test_a_journal_whose_header_is_zeroed_is_nothing(tmp_path: Path) -> None:
    path = leave_open(tmp_path, _JOURNAL)
    data = Path(f"{path}-journal").read_bytes()
    assert read_journal(bytes(28) + data[28:]) is None
    assert read_journal(b"") is None
