"""Reads the canonical model out of a database: PRAGMAs for what they tell, tokens of the stored text for the rest.

A fleet has few different schemas and many files, so what was made of the rows of sqlite_schema is remembered.
"""

import sqlite3

from dbadmin.opening import decode
from dbadmin.schema.model import Schema
from dbadmin.schema.objects import read_index, read_names, read_trigger, read_view
from dbadmin.schema.rows import SchemaRow, owned
from dbadmin.schema.tables import read_table

MOST_REMEMBERED = 512
_remembered: dict[tuple[SchemaRow, ...], Schema] = {}


def inspect(connection: sqlite3.Connection) -> Schema:
    """The schema of the open database, without sqlite_* and the shadow tables of virtual ones.

    Raises SQLite's errors (`opening.translated` makes them ours), and SqlError for stored text that it alone knows.
    """
    rows = read_rows(connection)
    schema = remembered(rows)
    if schema is None:
        schema = _build(connection, owned(rows))
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[rows] = schema
    return schema


def read_rows(connection: sqlite3.Connection) -> tuple[SchemaRow, ...]:
    """What sqlite_schema has, in its order. No virtual table is loaded for it."""
    given = connection.text_factory
    connection.text_factory = str  # three times as fast as any other
    try:
        return _rows(connection)
    except sqlite3.OperationalError as error:
        if hasattr(error, "sqlite_errorcode"):
            raise  # SQLite's own; a lock has been waited for
        connection.text_factory = decode  # Python's, for what is not UTF-8
        return _rows(connection)
    finally:
        connection.text_factory = given


def _rows(connection: sqlite3.Connection) -> tuple[SchemaRow, ...]:
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid")
    return tuple(map(SchemaRow._make, found))


def remembered(rows: tuple[SchemaRow, ...]) -> Schema | None:
    """The schema that equal rows had before in this process, or None."""
    return _remembered.get(rows)


def _build(connection: sqlite3.Connection, rows: list[SchemaRow]) -> Schema:
    tables = {table.name: table for table in (read_table(connection, row) for row in rows if row.type == "table")}
    names = read_names(rows, tables)
    indexes = [read_index(connection, row, tables) for row in rows if row.type == "index"]
    triggers = [read_trigger(row, names) for row in rows if row.type == "trigger"]
    views = [read_view(row, names) for row in rows if row.type == "view"]
    return Schema(
        tables=tables,
        indexes={index.name: index for index in indexes},
        triggers={trigger.name: trigger for trigger in triggers},
        views={view.name: view for view in views},
    )
