"""Full text tables: which are damaged, how an index is built again from its content."""

import sqlite3

from dbadmin.change.actions import Action, Kind
from dbadmin.change.twin import Twin
from dbadmin.full_text_check import MODULES, check_full_text, is_damage
from dbadmin.schema.model import Schema, Table
from dbadmin.schema.tokens import can_be_written, literal, quote


def is_refreshable(table: Table) -> bool:
    """Whether the index can be built again from another table."""
    return table.module in MODULES and bool(table.content)


def damaged(connection: sqlite3.Connection, schema: Schema) -> frozenset[str]:
    """The full text tables whose index is not what their content says; raises like `check_full_text`.

    One that keeps no text nobody can build again: it is left as it is, and the deep check tells of it.
    """
    return frozenset(check_full_text(connection, filter(_has_text, schema.tables.values())).damaged)


def unloadable(connection: sqlite3.Connection, schema: Schema) -> frozenset[str]:
    """The full text tables with text that cannot even be opened: nothing can be done with them, not even a DROP."""
    found = set()
    for table in filter(_has_text, schema.tables.values()):
        if table.module in MODULES and can_be_written(table.name):
            try:
                connection.execute(f"SELECT rowid FROM {quote(table.name)} LIMIT 0").fetchall()  # noqa: S608
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                found.add(table.name)
    return frozenset(found)


def _has_text(table: Table) -> bool:
    return table.content != ""


def refresh(table: str) -> Action:
    """Build the index again from its content."""
    statement = f"INSERT INTO {quote(table)} ({quote(table)}) VALUES ('rebuild')"  # noqa: S608
    return Action(Kind.REBUILD_FTS, table, (statement,))


def reset(table: Table, twin: Twin) -> Action:
    """Build a damaged index again, whatever its shadow tables hold: they are emptied to what a new one has.

    A garbled one may keep the module from loading, so that neither 'rebuild' nor DROP TABLE would work. The rows of a
    table that keeps them itself are in the shadow table _content, which stays.
    """
    statements = []
    for suffix in ("data", "idx", "docsize", "config"):
        shadow = f"{table.name}_{suffix}"
        if shadow not in twin.names():
            continue
        stored = twin.stored_sql(shadow).replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1)
        statements += [stored, f"DELETE FROM {quote(shadow)}"]  # noqa: S608
        statements += [_insert(shadow, row) for row in twin.table_rows(shadow)]
    return Action(Kind.REBUILD_FTS, table.name, (*statements, *refresh(table.name).statements))


def _insert(table: str, row: tuple[object, ...]) -> str:
    values = ", ".join(_value(value) for value in row)
    return f"INSERT INTO {quote(table)} VALUES ({values})"  # noqa: S608


def _value(value: object) -> str:
    """A value of a shadow table as SQL takes it."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return literal(value)
    return "NULL" if value is None else str(value)
