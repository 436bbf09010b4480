"""Damage that a plan mends: indexes that do not say what their table says, full text indexes as well as others."""

import re
import sqlite3
from dataclasses import dataclass

from dbadmin.change import full_text
from dbadmin.change.actions import Action, Kind
from dbadmin.deep import integrity_lines, meaning
from dbadmin.schema.introspect import read_rows
from dbadmin.schema.model import Schema
from dbadmin.schema.rows import owned
from dbadmin.schema.tokens import can_be_written, quote
from dbadmin.states import Flag

_INDEX = re.compile(r".*? (?:from|in|of) index (.+)")


@dataclass(frozen=True)
class Damage:
    """The full text tables whose index is damaged, and the tables with an ordinary index that is."""

    full_text: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()


NONE = Damage()


def find_damage(connection: sqlite3.Connection, schema: Schema) -> Damage:
    """What there is to be mended, by reading all of an open file; raises like `check_full_text`."""
    rows = read_rows(connection)
    tables = {row.name for row in owned(rows) if row.type == "table" and can_be_written(row.name)}
    table_of = {row.name: row.table for row in rows if row.type == "index"}
    lines = integrity_lines(connection, schema, "integrity_check")
    named = {match[1] for line in lines if meaning(line) == Flag.INDEX_DAMAGE and (match := _INDEX.fullmatch(line))}
    indexed = tables & {table_of[name] for name in named if name in table_of}
    return Damage(full_text.damaged(connection, schema), frozenset(indexed))


def reindex(table: str) -> Action:
    """Build all indexes of a table again from its rows; a UNIQUE one may find that some do not fit."""
    # Without the schema's name, a table called like a collation would not be meant.
    return Action(Kind.REINDEX, table, (f"REINDEX main.{quote(table)}",), table=table)
