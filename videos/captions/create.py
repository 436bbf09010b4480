"""Making a video's own database."""

import sqlite3
from datetime import datetime

from videos.captions.database import version_of
from videos.captions.versions import checksum, latest, statements


def create_if_empty(connection: sqlite3.Connection, now: datetime) -> None:
    """Make an empty database one of the latest version; of several who try at once one does, the others wait for it.

    A file that somebody died over is empty and no more: it is made by whoever comes next.
    """
    if version_of(connection) is not None:
        return
    connection.execute(
        "PRAGMA journal_mode = WAL"
    )  # kept in the file: readers and a writer are not in each other's way
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version_of(connection) is None:
            for statement in _split(statements(latest())):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO database_metadata (id, schema_version, schema_checksum, created_at) VALUES (1, ?, ?, ?)",
                (latest(), checksum(latest()), stamp(now)),
            )
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def stamp(moment: datetime) -> str:
    """A time in UTC as the databases write it, 2026-01-26T17:59:56.000Z: equal in length, so that it orders."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _split(script: str) -> list[str]:
    """The statements of a script; executescript would commit before them."""
    found, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
