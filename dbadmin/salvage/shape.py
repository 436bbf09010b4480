"""What the rows of a table look like on a page, by which they are known when nothing else says whose they are."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache

from dbadmin.change.columns import affinity_of
from dbadmin.salvage.trees import Row
from dbadmin.schema.rows import ask
from dbadmin.sqlite_file.record import Value

_VIRTUAL, _STORED = 2, 3


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column of a record; `can_be_set` unless SQLite computes it."""

    name: str
    affinity: str
    not_null: bool
    is_rowid: bool
    can_be_set: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as its records are; `demands` is how hard it is for a foreign row to look like one of its own."""

    table: str
    columns: tuple[StoredColumn, ...]
    demands: int

    def fits(self, row: Row) -> bool:
        """Whether a row has as many values as the table has columns, each of a kind that its column stores."""
        if len(row.values) != len(self.columns):
            return False
        return all(_fits(column, value) for column, value in zip(self.columns, row.values, strict=True))


def read_shapes(connection: sqlite3.Connection) -> dict[str, Shape]:
    """The shape of each table that has rows and rowids of its own, by its name in lower case."""
    # A virtual table has no root page; pragma_table_list knows which tables are WITHOUT ROWID.
    found = connection.execute(
        "SELECT s.name, sql FROM sqlite_schema AS s, pragma_table_list AS l"
        " WHERE l.name = s.name AND l.schema = 'main' AND s.type = 'table' AND rootpage > 0 AND NOT wr ORDER BY s.rowid"
    ).fetchall()
    return {name.lower(): read_shape(connection, name, sql or "") for name, sql in found}


def read_shape(connection: sqlite3.Connection, table: str, sql: str) -> Shape:
    """The shape of one table of an open database."""
    infos = ask(connection, "table_xinfo", 'name, type, "notnull", pk, hidden', table)
    indexed = ask(connection, "index_list", "name, origin", table)
    key = [info[0] for info in infos if info[3]]
    # A key of one whole number that needs no index is the rowid, stored as NULL (section 2.3).
    rowid = key[0] if len(key) == 1 and not any(origin == "pk" for _, origin in indexed) else None
    columns = tuple(
        StoredColumn(
            str(name), affinity_of(str(kind)), bool(not_null), name == rowid, hidden not in (_VIRTUAL, _STORED)
        )
        for name, kind, not_null, _, hidden in infos
        if hidden != _VIRTUAL
    )
    demands = sum(column.not_null + column.is_rowid + (column.affinity != "BLOB") for column in columns)
    return Shape(table, columns, demands + sql.upper().count("CHECK"))


@lru_cache(maxsize=256)
def shape_of_statement(table: str, sql: str) -> Shape | None:
    """The shape of a table from its CREATE TABLE; None when SQLite does not take it or it has no rowids."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        return read_shapes(connection).get(table.lower()) if _takes(connection, sql) else None


@lru_cache(maxsize=256)
def is_statement(sql: str) -> bool:
    """Whether SQLite takes a CREATE TABLE as it is."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        return _takes(connection, sql)


def _takes(connection: sqlite3.Connection, sql: str) -> bool:
    """Run a statement that may be damaged; whether that could be done."""
    try:
        # Allows SQLite's own names, such as sqlite_sequence.
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(sql)
    except (sqlite3.Error, UnicodeError):
        return False
    return True


def _fits(column: StoredColumn, value: Value) -> bool:
    """Whether a column can store a value: only text that is no number stays text in a column of numbers."""
    if column.is_rowid or value is None:
        return value is None and (column.is_rowid or not column.not_null)
    if column.affinity == "TEXT":
        return isinstance(value, str | bytes)
    return column.affinity == "BLOB" or not isinstance(value, str)
