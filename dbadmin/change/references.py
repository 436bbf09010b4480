"""References between tables: a change may not break any that was whole before."""

import sqlite3
from collections import Counter
from typing import NamedTuple

from dbadmin.schema.tokens import quote


class BrokenReferences(NamedTuple):
    """How many rows of a table refer to rows of a parent that are not there, by (table, parent), in lower case; and
    which tables cannot be checked, because a reference is to columns that are no key."""

    rows: Counter[tuple[str, str]]
    unchecked: frozenset[str]


def read_broken_references(connection: sqlite3.Connection) -> BrokenReferences:
    """The broken references of an open database."""
    if (rows := _check(connection, "PRAGMA foreign_key_check")) is not None:
        return BrokenReferences(rows, frozenset())
    # One table that cannot be checked keeps the others from being.
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0").fetchall()
    found = {table.lower(): _check(connection, f"PRAGMA foreign_key_check({quote(table)})") for (table,) in tables}
    unchecked = frozenset(table for table, rows in found.items() if rows is None)
    return BrokenReferences(sum(filter(None, found.values()), Counter()), unchecked)


def new_broken_references(before: BrokenReferences, after: BrokenReferences) -> dict[str, int]:
    """What is broken now and was not before, in words, with the number of rows."""
    if len(after.unchecked) > len(before.unchecked):
        return {"The foreign keys of the new schema cannot be checked: one refers to columns that are no key.": 0}
    # Of what can be checked only now nobody knows how it was.
    rows = Counter({key: count for key, count in after.rows.items() if key[0] not in before.unchecked})
    # Tables may have other names now, so that only the sum tells.
    if rows.total() <= before.rows.total():
        return {}
    return {
        f"{table}: FOREIGN KEY constraint failed: rows refer to rows of {parent} that are not there": count
        for (table, parent), count in rows.items()
        if count > before.rows[table, parent]
    }


def _check(connection: sqlite3.Connection, pragma: str) -> Counter[tuple[str, str]] | None:
    try:
        found = connection.execute(pragma).fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        return None
    return Counter((row[0].lower(), row[2].lower()) for row in found)
