"""Databases that are damaged in a known way, and what SQLite counts in them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.dbadmin.files import make_database

TABLES = ("database_metadata", "captions", "chapters")
PAGE = 4096
ROWS = 1000
# Many salvages, each with all its waiting for the disk, are made on one that needs none; None is the usual place.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


def make_large(path: Path, version: int = 3, *, journal_mode: str = "delete") -> Path:
    """A database whose tables have many pages each."""
    return make_database(path / "ab" / "abc" / "captions.db", version, ROWS, journal_mode=journal_mode)


def counts(path: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(path)) as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    """All rows of a table with their rowids; text comes as bytes."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        return connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()


def page_of(path: Path, kind: str, table: str) -> int:
    """A page of a table that SQLite calls leaf, internal or overflow: one in the middle of them."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path"
        found = connection.execute(query, [table, kind]).fetchall()
    return int(found[len(found) // 2][0])


def overwrite(path: Path, number: int, data: bytes = bytes(PAGE)) -> Path:
    """Write over the beginning of a page."""
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE)
        file.write(data)
    return path


@contextmanager
def unfinished_log(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose log is not copied into the file, as if its process had been killed: files stay as they are."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    yield connection
    beside = {name: name.read_bytes() for name in path.parent.iterdir()}
    connection.close()
    for name, data in beside.items():
        name.write_bytes(data)
