"""The rows of sqlite_schema, and which of them are people's."""

import sqlite3
from typing import NamedTuple

from dbadmin.schema.tokens import lower, tokenize

# The tables that virtual ones keep their content in, by module. PRAGMA table_list knows them too, but only where the
# module is compiled in.
_SHADOWS = {
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "fts4": ("content", "segments", "segdir", "docsize", "stat"),
    "fts3": ("content", "segments", "segdir", "docsize", "stat"),
    "rtree": ("node", "rowid", "parent"),
    "rtree_i32": ("node", "rowid", "parent"),
    "geopoly": ("node", "rowid", "parent"),
}


class SchemaRow(NamedTuple):
    """A row of sqlite_schema, without its root page. `sql` is None for an index that SQLite made itself."""

    type: str
    name: str
    table: str
    sql: str | None


def owned(rows: tuple[SchemaRow, ...]) -> list[SchemaRow]:
    """The rows of what people made: no sqlite_*, no automatic index, no shadow table."""
    shadows = {f"{lower(row.name)}_{suffix}" for row in rows for suffix in _SHADOWS.get(module_of(row), ())}
    return [
        row
        for row in rows
        if row.sql
        and not lower(row.name).startswith("sqlite_")
        and not (row.type == "table" and lower(row.name) in shadows)
    ]


def module_of(row: SchemaRow) -> str:
    """The module of a virtual table in lower case, "" for anything else."""
    if row.type != "table" or not row.sql or row.sql[:14].upper() != "CREATE VIRTUAL":
        return ""
    tokens = tokenize(row.sql)
    return next(tokens[place + 1].name for place, token in enumerate(tokens) if token.is_word("USING"))


def ask(connection: sqlite3.Connection, pragma: str, columns: str, name: str) -> list[tuple[object, ...]]:
    """The rows of a PRAGMA about an object, whatever bytes its name has."""
    statement = f"SELECT {columns} FROM pragma_{pragma}(CAST(? AS TEXT))"  # noqa: S608 - both are ours
    return connection.execute(statement, (name.encode("utf-8", "surrogateescape"),)).fetchall()
