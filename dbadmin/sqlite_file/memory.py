"""What only SQLite's own parser can tell of a statement: asked in memory, where no file can be locked or unlocked."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from dbadmin.sqlite_file.errors import MalformedError

Row = tuple[str, str, str, int, str | None]

# A primary key that is the rowid itself has no index.
_INDEXED_KEYS = "SELECT name FROM pragma_index_list(?) WHERE origin = 'pk'"
_PAGE_SIZE = 512


def check_statements(rows: Sequence[Row]) -> None:
    """Raise MalformedError if SQLite would call a schema of these rows malformed."""
    with _memory("The schema") as connection:
        connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        connection.execute("CREATE TABLE filler (data)")
        # Root pages must exist; what is on them is not looked at.
        connection.execute("INSERT INTO filler VALUES (zeroblob(?))", [_PAGE_SIZE * (len(rows) + 1)])
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema")
        roots = iter(range(2, len(rows) + 2))
        connection.executemany("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)",
                               [(*row[:3], next(roots) if row[3] else 0, row[4]) for row in rows])  # fmt: skip
        connection.execute("PRAGMA writable_schema = RESET")
        connection.execute("SELECT count(*) FROM sqlite_schema")


@lru_cache(maxsize=256)
def stored_columns(name: str, sql: str) -> tuple[tuple[str, ...], int | None]:
    """The names of the columns of a table as its records have them, and which of them is the rowid.

    Raises MalformedError for a table whose records are not its rows: generated columns, or ones that change numbers
    on reading.
    """
    with _memory(f"The table {name!a}") as connection:
        connection.execute(sql)
        columns = connection.execute("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", [name]).fetchall()
        indexed_keys = connection.execute(_INDEXED_KEYS, [name]).fetchall()
    if any(hidden or not _is_read_as_stored(kind) for _, kind, _, hidden in columns):
        raise MalformedError(f"The table {name!a} has columns that are neither whole numbers nor text.")
    keys = [place for place, (_, _, key, _) in enumerate(columns) if key]
    return tuple(column[0] for column in columns), keys[0] if len(keys) == 1 and not indexed_keys else None


def _is_read_as_stored(column_type: str) -> bool:
    """Whether SQLite reads from a column what is stored: a REAL one may store whole numbers (section 2.3)."""
    return "INT" in column_type.upper() or "TEXT" in column_type.upper()


@contextmanager
def _memory(subject: str) -> Iterator[sqlite3.Connection]:
    """A database in memory, whose errors are the subject's."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        yield connection
    except sqlite3.Error as error:
        raise MalformedError(f"{subject} is not one that SQLite takes: {error}") from error
    finally:
        connection.close()
