"""Rows whose parent row is lost."""

import sqlite3
from collections.abc import Iterator, Mapping

from dbadmin.salvage.insert import Identity
from dbadmin.salvage.lost_and_found import LostAndFound
from dbadmin.salvage.shape import Shape
from dbadmin.schema.tokens import quote
from dbadmin.sqlite_file.record import Value

_REFERENCE = 'SELECT "from", "to" FROM pragma_foreign_key_list(?) WHERE id = ? ORDER BY seq'
_KEY = "SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk"


def move_orphans(
    connection: sqlite3.Connection, shapes: Mapping[str, Shape], lost: LostAndFound
) -> Iterator[tuple[str, Identity]]:
    """Move each row with a broken reference into the lost and found, and then those that referred to it.

    Gives the table and identity of each. Foreign keys are off, so that nothing else happens to other rows.
    """
    while moved := list(_move_broken(connection, shapes, lost)):
        yield from moved


def _move_broken(
    connection: sqlite3.Connection, shapes: Mapping[str, Shape], lost: LostAndFound
) -> Iterator[tuple[str, Identity]]:
    """Move what SQLite names now: a row, or where nothing names its number, a reference that some of them break."""
    found = {(table, rowid, 0 if shapes[table.lower()].rowid else reference): parent
             for table, rowid, parent, reference in connection.execute("PRAGMA foreign_key_check")}  # fmt: skip
    for (table, rowid, reference), parent in found.items():
        shape = shapes[table.lower()]
        where = f"{shape.rowid} = {rowid}" if shape.rowid else _breaks(connection, table, reference, parent)
        for cells in _take(connection, table, where):
            lost.add(table, None, rowid, f"the row of {parent} that it refers to is lost", cells)
            yield table.lower(), tuple(cells[column] for column in shape.key) or rowid


def _breaks(connection: sqlite3.Connection, table: str, reference: int, parent: str) -> str:
    """The condition under which a row of a table breaks one of its references; the parent's columns say how they are
    compared, as with foreign keys."""
    columns = connection.execute(_REFERENCE, [table, reference]).fetchall()
    key = [name for (name,) in connection.execute(_KEY, [parent])]
    pairs = [(quote(name), quote(target or key[place])) for place, (name, target) in enumerate(columns)]
    given = " AND ".join(f"child.{name} NOTNULL" for name, _ in pairs)
    same = " AND ".join(f"parent.{target} = child.{name}" for name, target in pairs)
    return f"{given} AND NOT EXISTS (SELECT 1 FROM {quote(parent)} AS parent WHERE {same})"  # noqa: S608 - quoted


def _take(connection: sqlite3.Connection, table: str, where: str) -> list[dict[str, Value]]:
    """Delete rows, and give them by column."""
    taken = connection.execute(f"DELETE FROM {quote(table)} AS child WHERE {where} RETURNING *")  # noqa: S608 - quoted
    names = [column[0] for column in taken.description]
    return [dict(zip(names, values, strict=True)) for values in taken]
