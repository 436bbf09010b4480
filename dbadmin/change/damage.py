"""Damage that a plan mends: indexes that do not say what their table says, full text indexes as well as others."""

import re
import sqlite3
from dataclasses import dataclass

from dbadmin.change import full_text
from dbadmin.change.actions import Action, Kind
from dbadmin.change.health import harmless
from dbadmin.deep import integrity_lines
from dbadmin.opening import PRIMARY_CODE
from dbadmin.schema.introspect import inspect, read_rows
from dbadmin.schema.model import Schema
from dbadmin.schema.rows import owned
from dbadmin.schema.tokens import can_be_written, quote
from dbadmin.states import Flag

MOST_LINES = 2**31 - 1  # or those of one index could hide the next
_INDEX = re.compile(r".*? (?:from|in|of) index (.+)")


@dataclass(frozen=True)
class Damage:
    """The full text tables whose index is damaged, and the tables with an ordinary index that is."""

    full_text: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()


NO_DAMAGE = Damage()


def find_damage(connection: sqlite3.Connection) -> Damage:
    """What there is to be mended, by reading all of an open file.

    Raises CorruptError where more than that is damaged, and like `check_full_text`.
    """
    schema = inspect(connection)
    rows = read_rows(connection)
    tables = {row.name for row in owned(rows) if row.type == "table" and can_be_written(row.name)}
    damaged = _damaged_indexes(connection, schema)
    indexed = tables & {row.table for row in rows if row.type == "index" and row.name in damaged}
    return Damage(full_text.damaged(connection, schema), frozenset(indexed))


def reindex(table: str) -> Action:
    """Build all indexes of a table again from its rows; a UNIQUE one may find that some do not fit."""
    # Without the schema's name, a table called like a collation would not be meant.
    return Action(Kind.REINDEX, table, (f"REINDEX main.{quote(table)}",), table=table)


def _damaged_indexes(connection: sqlite3.Connection, schema: Schema) -> set[str]:
    """The names of the damaged indexes, but for those that have a line break in theirs."""
    found = set()
    try:
        for line in integrity_lines(connection, schema, "integrity_check", MOST_LINES):
            if harmless(line, "The database") == Flag.INDEX_DAMAGE and (match := _INDEX.fullmatch(line)):
                found.add(match[1])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_ERROR:
            raise
        return set()  # one is over a function that this process does not have: none can be checked
    return found
