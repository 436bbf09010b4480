"""Copies of whole databases, by SQLite's backup API: right under WAL and while others write."""

import sqlite3
from collections.abc import Callable

from dbadmin.errors import BusyError

MOST_TRIES = 40  # sqlite3 waits a quarter of a second between two


def copy_database(
    source: sqlite3.Connection, target: sqlite3.Connection, *, check: Callable[[], None] | None = None
) -> None:
    """Make `target` a copy of `source`, all of it or nothing; raises BusyError when a lock stays in the way.

    `check` is called once the target's write lock is held, so that nobody changes it any more; what it raises stops
    the copying, and nothing was written. It is not called for a source of one page, which is one without a table.
    """
    tries, is_checked = 0, check is None

    def count(status: int, remaining: int, total: int) -> None:  # noqa: ARG001 - sqlite3's signature
        nonlocal tries, is_checked
        tries += 1
        if status == sqlite3.SQLITE_OK and check and not is_checked:
            is_checked = True
            check()
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and tries >= MOST_TRIES:
            raise BusyError("The database could not be copied: another connection holds its lock.")

    # Without a callback sqlite3 would try for ever.
    source.backup(target, pages=1 if check else -1, progress=count)
