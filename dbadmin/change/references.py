"""References between tables: a change may not break any that was whole before."""

import sqlite3
from collections import Counter


def read_broken_references(connection: sqlite3.Connection) -> Counter[tuple[str, str]] | None:
    """How many rows of a table refer to rows of a parent that are not there, by (table, parent), in lower case.

    None where it cannot be told, because a reference is to columns that are no key.
    """
    try:
        found = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        return None
    return Counter((row[0].lower(), row[2].lower()) for row in found)


def new_broken_references(
    before: Counter[tuple[str, str]] | None, after: Counter[tuple[str, str]] | None
) -> dict[str, int]:
    """What is broken now and was not before, in words, with the number of rows."""
    if after is None:
        return {"The foreign keys of the new schema cannot be checked: one refers to columns that are no key.": 0}
    # Tables may have other names now, so that only the sum tells.
    if before is None or after.total() <= before.total():
        return {}
    return {
        f"{table}: FOREIGN KEY constraint failed: rows refer to rows of {parent} that are not there": count
        for (table, parent), count in after.items()
        if count > before[table, parent]
    }
