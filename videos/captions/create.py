"""Making a video's own database."""

import random
import sqlite3
import time
from datetime import datetime

from videos.captions.database import WRITER_PATIENCE_SECONDS, version_of
from videos.captions.versions import checksum, latest, statements


def create_if_empty(connection: sqlite3.Connection, now: datetime) -> None:
    """Make an empty database one of the latest version; of several who try at once one does, the others wait for it.

    A file that somebody died over is empty and no more: it is made by whoever comes next.
    """
    if version_of(connection) is not None:
        return
    _use_wal(connection)
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


def _use_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer not wait for each other; the file keeps it. Two who do this at once are both refused."""
    deadline = time.monotonic() + WRITER_PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.001, 0.02))  # noqa: S311 - no secret
        else:
            return


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
