"""Copies of whole databases, by SQLite's backup API: right under WAL and while others write."""

import sqlite3

from dbadmin.errors import BusyError

MOST_TRIES = 40  # sqlite3 waits a quarter of a second between two


def copy_database(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Make `target` a copy of `source`, in one step; raises BusyError when a lock stays in the way."""
    tries = 0

    def count(status: int, remaining: int, total: int) -> None:  # noqa: ARG001 - sqlite3's signature
        nonlocal tries
        tries += 1
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and tries >= MOST_TRIES:
            raise BusyError("The database could not be copied: another connection holds its lock.")

    # Without a callback sqlite3 would try for ever.
    source.backup(target, progress=count)
