"""Rows whose parent row is lost."""

import sqlite3
from collections.abc import Iterator

from dbadmin.salvage.lost_and_found import LostAndFound


def move_orphans(connection: sqlite3.Connection, lost: LostAndFound) -> Iterator[tuple[str, int]]:
    """Move each row with a broken reference into the lost and found, and then those that referred to it.

    Gives the table and rowid of each. Foreign keys are off, so that nothing else happens to other rows.
    """
    # A row without a rowid cannot be named; the deep check tells of it.
    while broken := {(row[0], row[1]): row[2] for row in connection.execute("PRAGMA foreign_key_check") if row[1]}:
        for (table, rowid), parent in broken.items():
            found = connection.execute(f'SELECT * FROM "{table}" WHERE rowid = ?', [rowid])  # noqa: S608 - a name
            cells = dict(zip((column[0] for column in found.description), found.fetchone(), strict=True))
            lost.add(table, None, rowid, f"the row of {parent} that it refers to is lost", cells)
            connection.execute(f'DELETE FROM "{table}" WHERE rowid = ?', [rowid])  # noqa: S608 - a name
            yield table.lower(), rowid
