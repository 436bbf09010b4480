"""Indexes, triggers and views as the model knows them."""

import sqlite3
from collections.abc import Collection, Sequence

from dbadmin.schema.model import Index, Table, Trigger, View
from dbadmin.schema.rows import SchemaRow
from dbadmin.schema.tables import index_parts
from dbadmin.schema.tokens import Token, bare, find, group_end, lower, normalize, split, tokenize


def read_names(rows: list[SchemaRow], tables: dict[str, Table]) -> set[str]:
    """What a trigger or view may name, besides the names that it gives itself and those of functions' columns."""
    found = {lower(row.name) for row in rows} | {"new", "old", "excluded", "rowid", "rank", "main"}
    for table in tables.values():
        found |= {table.name, *table.column_names}
    return found


def read_index(connection: sqlite3.Connection, row: SchemaRow, tables: dict[str, Table]) -> Index:
    """The index of a row of sqlite_schema."""
    tokens = tokenize(row.sql or "")
    table = tables.get(lower(row.table))
    names = set(table.columns) | {"rowid"} if table else set()
    # The first parenthesis: names that have one are in quotes.
    start = next(place for place, token in enumerate(tokens) if token.is_operator("("))
    end = group_end(tokens, start)
    rest = tokens[end + 1 :]
    where = find(rest, "WHERE")
    expressions = split(tokens[start + 1 : end])
    # Files in SQLite's oldest formats tell no DESC and keep none: which one it is makes no other index.
    told = [part.removesuffix(" DESC") for part in index_parts(connection, row.name)]
    return Index(
        name=lower(row.name),
        table=lower(row.table),
        unique=tokens[1].is_word("UNIQUE"),
        parts=tuple(
            (_expression(expression, names) if not part or part.startswith(" ") else "") + part + _direction(expression)
            for expression, part in zip(expressions, told, strict=True)
        ),
        where="" if where is None else normalize(bare(rest[where + 1 :]), names),
        sql=row.sql or "",
    )


def _direction(tokens: Sequence[Token]) -> str:
    """The direction at the end of an indexed expression; DESC alone is a column."""
    return " DESC" if len(tokens) > 1 and tokens[-1].is_word("DESC") else ""


def _expression(tokens: Sequence[Token], names: Collection[str]) -> str:
    """An indexed expression without the COLLATE, which the PRAGMA tells, and the direction at its end."""
    tokens = tokens[:-1] if tokens[-1].is_word("ASC", "DESC") else tokens
    tokens = tokens[:-2] if tokens[-2:-1] and tokens[-2].is_word("COLLATE") else tokens
    return normalize(bare(tokens), names)


def read_trigger(row: SchemaRow, names: Collection[str]) -> Trigger:
    """The trigger of a row of sqlite_schema."""
    return Trigger(lower(row.name), lower(row.table), _after_name(row, names), row.sql or "")


def read_view(row: SchemaRow, names: Collection[str]) -> View:
    """The view of a row of sqlite_schema."""
    return View(lower(row.name), _after_name(row, names), row.sql or "")


def _after_name(row: SchemaRow, names: Collection[str]) -> str:
    """The statement after CREATE, the kind and the name: SQLite stores these three in one form."""
    return normalize(tokenize(row.sql or "")[3:], names, complete=False)
