"""What follows from the rows of a new file: its metadata, the marks of AUTOINCREMENT, the full text search."""

import sqlite3
from datetime import UTC, datetime

from dbadmin.schema.model import Schema, Table
from dbadmin.schema.tokens import literal, quote
from dbadmin.sqlite_file.record import Value

_WRITE_METADATA = """
INSERT INTO database_metadata (id, schema_version, schema_checksum, created_at) VALUES (1, ?, ?, ?)
ON CONFLICT (id) DO UPDATE
SET schema_version = excluded.schema_version, schema_checksum = excluded.schema_checksum, verified_at = NULL
"""


# What SQLite's own check of a STRICT table takes for a type's values; ANY takes all.
_STRICT = {
    "INT": ("integer", "null"),
    "INTEGER": ("integer", "null"),
    "REAL": ("real", "null"),
    "TEXT": ("text", "null"),
    "BLOB": ("blob", "null"),
}


def refuse_untyped(connection: sqlite3.Connection, schema: Schema) -> None:
    """Refuse, on this connection, rows of STRICT tables whose computed values are not of their column's type.

    SQLite itself takes them where the column is VIRTUAL, and then calls the file damaged.
    """
    for table in (table for table in schema.tables.values() if table.strict):
        for column in table.columns.values():
            if column.generated == "virtual" and column.type in _STRICT:
                name = f"{table.name}.{column.name}"
                is_other = f"typeof(new.{quote(column.name)}) NOT IN {_STRICT[column.type]}"
                # BEFORE: without a journal nothing takes a row out again.
                connection.execute(
                    f"CREATE TEMP TRIGGER {quote(name)} BEFORE INSERT ON main.{quote(table.name)} WHEN {is_other}"
                    f" BEGIN SELECT RAISE(ABORT, {literal(f'{name} is not {column.type}')}); END"
                )


def rebuild_searches(connection: sqlite3.Connection, schema: Schema) -> None:
    """Index anew the text of every full text search that has text."""
    for table in schema.tables.values():
        if _has_text(table):
            name = f'"{table.name}"'
            connection.execute(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")  # noqa: S608 - a name of the registry


def beyond_salvage(schema: Schema) -> set[str]:
    """The tables whose rows are not read: searches that keep no text, and other modules' tables."""
    return {name for name, table in schema.tables.items() if table.module and not _has_text(table)}


def _has_text(table: Table) -> bool:
    """Whether a table is a full text search that can be made anew: from its own text or another table's."""
    return table.module.startswith("fts") and table.content != ""


def raise_sequence(connection: sqlite3.Connection, table: Value, number: Value) -> None:
    """Let a table with AUTOINCREMENT never give a number again that it gave, whether or not the row is still there."""
    raised = connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", [number, table])
    if not raised.rowcount:
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, number])


def write_metadata(connection: sqlite3.Connection, version: int, checksum: str) -> None:
    """Say what the file now is: with the times it had, if its row was found, and not verified since."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    connection.execute(_WRITE_METADATA, [version, checksum, now])
