"""What the rows of a table look like on a page, by which they are known when nothing else says whose they are."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache

from dbadmin.change.columns import affinity_of, free_rowid_names
from dbadmin.salvage.trees import Row
from dbadmin.schema.rows import ask
from dbadmin.schema.tokens import lower
from dbadmin.sqlite_file.record import Value

_VIRTUAL, _STORED = 2, 3
# What SQLite calls the rowid and an expression among the columns of an index.
_ROWID, _EXPRESSION = -1, -2


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
    """A table or an index as its records are, with their columns in the stored order.

    `demands` is how hard it is for a foreign row to look like one of its own. `key` are the columns by which a table
    WITHOUT ROWID knows its rows; its records are on the pages of an index (`in_index`), like an index's entries.
    `rowid` is a name of the rowid that no column has, "" where there is none.
    """

    table: str
    columns: tuple[StoredColumn, ...] = ()
    demands: int = 0
    key: tuple[str, ...] = ()
    in_index: bool = False
    rowid: str = ""

    @property
    def is_index(self) -> bool:
        """Whether it is an index, whose entries follow from the rows of its table."""
        return self.in_index and not self.key

    def fits(self, row: Row) -> bool:
        """Whether a row has as many values as the table has columns, each of a kind that its column stores."""
        if len(row.values) != len(self.columns):
            return False
        return self.may_have(row)

    def may_have(self, row: Row) -> bool:
        """Whether a row may be of the table; one that is older than the last columns has fewer values."""
        pairs = zip(self.columns, row.values, strict=False)
        return len(row.values) <= len(self.columns) and all(_fits(column, value) for column, value in pairs)


def read_shapes(connection: sqlite3.Connection) -> dict[str, Shape]:
    """The shape of each table and index that has pages, by its name in lower case."""
    # A virtual table has no root page.
    found = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE rootpage > 0 ORDER BY rowid"
    ).fetchall()
    return {
        name.lower(): _table_shape(connection, name, sql or "")
        if kind == "table"
        else Shape(name, columns := _entry_columns(connection, name, table), _demands(columns), in_index=True)
        for kind, name, table, sql in found
    }


@lru_cache(maxsize=256)
def shape_of_statement(table: str, sql: str) -> Shape | None:
    """The shape of a table from its CREATE TABLE; None when SQLite does not take it."""
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


def _table_shape(connection: sqlite3.Connection, table: str, sql: str) -> Shape:
    checks = sql.upper().count("CHECK")
    indexes = ask(connection, "index_list", "name, origin", table)
    key_index = next((str(name) for name, origin in indexes if origin == "pk"), None)
    if key_index is not None:
        parts = ask(connection, "index_xinfo", "cid, name, key", key_index)
        # The key's index is the table itself, unless its entries lead to rowids (section 2.4).
        if all(place != _ROWID for place, _, _ in parts):
            columns = _entry_columns(connection, key_index, table)
            key = tuple(str(name) for _, name, is_key in parts if is_key)
            return Shape(table, columns, _demands(columns) + checks, key, in_index=True)
    columns = _record_columns(connection, table, has_key_index=key_index is not None)
    names = {lower(str(name)) for (name,) in ask(connection, "table_xinfo", "name", table)}
    rowid = next(iter(free_rowid_names(names)), "")
    return Shape(table, columns, _demands(columns) + checks, rowid=rowid)


def _record_columns(connection: sqlite3.Connection, table: str, *, has_key_index: bool) -> tuple[StoredColumn, ...]:
    infos = ask(connection, "table_xinfo", 'name, type, "notnull", hidden, pk', table)
    key = [info[0] for info in infos if info[-1]]
    # A key of one whole number that needs no index is the rowid, stored as NULL (section 2.3).
    rowid = key[0] if len(key) == 1 and not has_key_index else None
    return tuple(_column(info, is_rowid=info[0] == rowid) for info in infos if info[3] != _VIRTUAL)


def _entry_columns(connection: sqlite3.Connection, index: str, table: str) -> tuple[StoredColumn, ...]:
    """The columns of the entries of an index; those it does not take from the table can hold anything."""
    infos = ask(connection, "table_xinfo", 'name, type, "notnull", hidden', table)
    rowid, expression = ("", "INT", True, _STORED), ("", "", False, _STORED)
    named: dict[object, tuple[object, ...]] = {_ROWID: rowid, _EXPRESSION: expression, **dict(enumerate(infos))}
    return tuple(_column(named[place]) for (place,) in ask(connection, "index_xinfo", "cid", index))


def _column(info: Sequence[object], *, is_rowid: bool = False) -> StoredColumn:
    name, kind, not_null, hidden, *_ = info
    return StoredColumn(str(name), affinity_of(str(kind)), bool(not_null), is_rowid, hidden not in (_VIRTUAL, _STORED))


def _demands(columns: tuple[StoredColumn, ...]) -> int:
    return sum(column.not_null + column.is_rowid + (column.affinity != "BLOB") for column in columns)


def _fits(column: StoredColumn, value: Value) -> bool:
    """Whether a column can store a value: only text that is no number stays text in a column of numbers."""
    if column.is_rowid or value is None:
        return value is None and (column.is_rowid or not column.not_null)
    if column.affinity == "TEXT":
        return isinstance(value, str | bytes)
    return column.affinity == "BLOB" or not isinstance(value, str)
