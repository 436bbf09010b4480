"""What follows from the rows of a new file: its metadata, the marks of AUTOINCREMENT, the full text search."""

import sqlite3
from datetime import UTC, datetime

from dbadmin.schema.model import Schema, Table
from dbadmin.sqlite_file.record import Value

_WRITE_METADATA = """
INSERT INTO database_metadata (id, schema_version, schema_checksum, created_at) VALUES (1, ?, ?, ?)
ON CONFLICT (id) DO UPDATE
SET schema_version = excluded.schema_version, schema_checksum = excluded.schema_checksum, verified_at = NULL
"""


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
