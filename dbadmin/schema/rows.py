"""The rows of sqlite_schema, and which of them are people's."""

import sqlite3
from typing import NamedTuple

from dbadmin.schema.tokens import can_be_written, lower
from dbadmin.schema.virtual import read_virtual_table, shadow_tables


class SchemaRow(NamedTuple):
    """A row of sqlite_schema, without its root page. `sql` is None for an index that SQLite made itself."""

    type: str
    name: str
    table: str
    sql: str | None


def owned(rows: tuple[SchemaRow, ...]) -> list[SchemaRow]:
    """The rows of what people made: no sqlite_*, no automatic index, no shadow table."""
    virtual = [table for row in rows if row.type == "table" and (table := read_virtual_table(row.name, row.sql))]
    shadows = {name for table in virtual for name in shadow_tables(table)}
    return [
        row
        for row in rows
        if row.sql
        and not lower(row.name).startswith("sqlite_")
        and not (row.type == "table" and lower(row.name) in shadows)
    ]


def ask(connection: sqlite3.Connection, pragma: str, columns: str, name: str) -> list[tuple[object, ...]]:
    """The rows of a PRAGMA about an object, whatever bytes its name has."""
    statement = f"SELECT {columns} FROM pragma_{pragma}(CAST(? AS TEXT))"  # noqa: S608 - both are ours
    # CAST takes bytes for text in the file's own encoding; only one in UTF-8 has names that no str can say.
    said = name if can_be_written(name) else name.encode("utf-8", "surrogateescape")
    return connection.execute(statement, (said,)).fetchall()
