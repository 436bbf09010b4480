"""Full text tables: where their rows are, how they are made again, how an index is built from its content."""

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
    """The full text tables whose index is not what their content says; raises like `check_full_text`."""
    return frozenset(check_full_text(connection, schema.tables.values()).damaged)


def unloadable(connection: sqlite3.Connection, schema: Schema) -> frozenset[str]:
    """The full text tables that cannot even be opened: nothing can be done with them, not even dropping them."""
    found = set()
    for table in schema.tables.values():
        if table.module in MODULES and can_be_written(table.name):
            try:
                connection.execute(f"SELECT rowid FROM {quote(table.name)} LIMIT 0").fetchall()  # noqa: S608
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                found.add(table.name)
    return frozenset(found)


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


def remake(actual: Table, expected: Table, aside: str) -> Action:
    """Make the table anew by the expected DDL; rows that it keeps itself are kept, with their rowids."""
    if actual.content is not None:
        statements: tuple[str, ...] = (f"DROP TABLE {quote(actual.name)}", expected.sql)
    else:
        common = [name for name in expected.column_names if name in actual.column_names]
        columns = ", ".join(["rowid", *map(quote, common)])
        statements = (
            f"ALTER TABLE {quote(actual.name)} RENAME TO {quote(aside)}",
            expected.sql,
            f"INSERT OR ABORT INTO {quote(expected.name)} ({columns}) SELECT {columns} FROM {quote(aside)}",  # noqa: S608
            f"DROP TABLE {quote(aside)}",
        )
    return Action(Kind.REBUILD_VIRTUAL_TABLE, expected.name, statements)


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
