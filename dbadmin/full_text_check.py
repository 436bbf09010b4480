"""Whether full text indexes are what their content says."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from dbadmin.copying import copy_database
from dbadmin.errors import DiskFullError
from dbadmin.opening import PRIMARY_CODE
from dbadmin.schema.model import Table
from dbadmin.schema.tokens import can_be_written, quote

# Compares with the content, also where that is another table (rank 1).
_CHECKS = {
    "fts5": ("INSERT INTO {0} ({0}, rank) VALUES ('integrity-check', 1)",),
    "fts4": ("INSERT INTO {0} ({0}) VALUES ('integrity-check')",),
}
# FTS4 refuses to check an index that keeps no text. All that it has is read instead.
_READ_TERMS = (
    "CREATE VIRTUAL TABLE temp.full_text_terms USING fts4aux (main, {0})",
    "SELECT count(*), sum(occurrences) FROM temp.full_text_terms",
    "DROP TABLE temp.full_text_terms",
)
MODULES = frozenset(_CHECKS)


@dataclass
class FullTextCheck:
    """The tables whose index is damaged, and those that cannot be compared with their content; each with the reason."""

    damaged: dict[str, str] = field(default_factory=dict)
    unchecked: dict[str, str] = field(default_factory=dict)


def check_full_text(connection: sqlite3.Connection, tables: Iterable[Table]) -> FullTextCheck:
    """Check on a copy: the check is an INSERT, which needs the write lock and which a reader may not make.

    Raises SQLite's errors, BusyError, and DiskFullError where the copy finds no room: those say nothing of the tables.
    """
    checked = [table for table in tables if table.module in MODULES and can_be_written(table.name)]
    found = FullTextCheck()
    if checked:
        with _room_for_copies(), closing(sqlite3.connect("", isolation_level=None)) as copy:
            copy_database(connection, copy)
            for table in checked:
                _check(copy, table, found)
    return found


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether an error of a full text table is about the table, not about the machine: a lock, a disk, memory."""
    return error.sqlite_errorcode & PRIMARY_CODE in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR}


def _check(copy: sqlite3.Connection, table: Table, found: FullTextCheck) -> None:
    if problem := _content_problem(copy, table):
        found.unchecked[table.name] = problem
        return
    keeps_nothing = table.module == "fts4" and table.content == ""
    try:
        for statement in _READ_TERMS if keeps_nothing else _CHECKS[table.module]:
            copy.execute(statement.format(quote(table.name))).fetchall()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        found.damaged[table.name] = str(error)


def _content_problem(copy: sqlite3.Connection, table: Table) -> str:
    """Why another table's text cannot be read, "" if it can be or the index has none of another table."""
    if not table.content:
        return ""
    if not all(map(can_be_written, (table.content, table.content_rowid, *table.column_names))):
        return "it has a name that is not UTF-8, which no statement can say"
    try:
        copy.execute(reading_content(table))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        return str(error)
    return ""


def reading_content(table: Table) -> str:
    """The statement that reads what an index needs of the table whose text it has, but none of its rows."""
    # Without the table's name before it, SQLite would take the name of no column for a text.
    columns = [f"content.{quote(name)}" for name in (table.content_rowid, *table.column_names)]
    return f"SELECT {', '.join(columns)} FROM {quote(table.content or '')} AS content LIMIT 0"  # noqa: S608 - quoted


@contextmanager
def _room_for_copies() -> Iterator[None]:
    """Nothing but a copy is written here: say so where the disk of temporary files is full."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_FULL:
            raise
        raise DiskFullError(
            "Full text could not be checked: the disk of SQLite's temporary files is full. Make room there, or set "
            "SQLITE_TMPDIR to a folder that has it."
        ) from error
