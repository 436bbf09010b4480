"""One table, ordinary or virtual, as the model knows it."""

import re
import sqlite3
from typing import Any

from dbadmin.schema.definition import Definition, read_definition
from dbadmin.schema.model import Column, ForeignKey, Table
from dbadmin.schema.rows import SchemaRow, ask
from dbadmin.schema.tokens import CONSTANTS, RESERVED, SqlError, Token, bare, literal, lower, normalize, quote, tokenize
from dbadmin.schema.virtual import read_virtual_table

# Of [varchar] (20) SQLite takes the first and the last character for the quotes.
_BRACKETED = re.compile(r"[^\[\]]*\]\s*\(")
_GENERATED = {2: "virtual", 3: "stored"}  # PRAGMA table_xinfo's column `hidden`


def read_table(connection: sqlite3.Connection, row: SchemaRow) -> Table:
    """The table of a row of sqlite_schema."""
    sql = row.sql or ""
    if virtual := read_virtual_table(row.name, sql):
        return virtual
    told = ask(connection, "table_xinfo", 'name, type, "notnull", dflt_value, pk, hidden', row.name)
    definition = read_definition(sql, {lower(str(name)) for name, *_ in told} | {"rowid"})
    columns = {column.name: column for column in (_column(definition, *row) for row in told)}
    constraints = [
        (origin, index_parts(connection, str(index)))
        for index, origin in ask(connection, "index_list", "name, origin", row.name)
    ]
    key = sorted((column.primary_key, column.name) for column in columns.values() if column.primary_key)
    return Table(
        name=lower(row.name),
        columns=columns,
        checks=tuple(sorted(definition.checks)),
        uniques=tuple(sorted(parts for origin, parts in constraints if origin == "u")),
        foreign_keys=_foreign_keys(connection, row.name, definition.deferred),
        primary_key=next((parts for origin, parts in constraints if origin == "pk"), tuple(name for _, name in key)),
        conflicts=tuple(sorted(definition.conflicts)),
        without_rowid=definition.without_rowid,
        strict=definition.strict,
        autoincrement=definition.autoincrement,
        sql=sql,
    )


def _column(definition: Definition, *told: Any) -> Column:
    written, kind, not_null, default, key, hidden = told
    name = lower(written)
    return Column(
        name=name,
        type=read_type(kind or ""),
        not_null=bool(not_null),
        default=None if default is None else read_default(default),
        primary_key=key,
        collation=definition.collations.get(name, "BINARY"),
        generated=_GENERATED.get(hidden, ""),
        expression=definition.expressions.get(name, ""),
    )


def read_type(kind: str) -> str:
    """A declared type, as SQLite tells it, in one form: VARCHAR(20); in quotes where it is no SQL without them."""
    if _BRACKETED.match(kind):
        kind = f"[{kind})"
    try:
        text = " ".join(token.content.upper() for token in tokenize(kind))
    except SqlError:
        return quote(kind.upper())
    return text.replace(" ( ", "(").replace(" )", ")").replace(" , ", ",")


def read_default(text: str) -> str:
    """A default in one form. A name alone, in quotes or not, is a string to SQLite."""
    tokens = bare(tokenize(text))
    if len(tokens) == 1 and tokens[0].kind in {"word", "quoted"} and not _is_constant(tokens[0]):
        return literal(tokens[0].content)
    return normalize(tokens)


def _is_constant(token: Token) -> bool:
    return token.is_word(*CONSTANTS, *RESERVED)


def _foreign_keys(connection: sqlite3.Connection, table: str, deferred: list[bool]) -> tuple[ForeignKey, ...]:
    told: dict[int, list[Any]] = {}
    wanted = 'id, "table", "from", "to", on_update, on_delete'
    for number, *rest in ask(connection, "foreign_key_list", wanted, table):
        told.setdefault(int(str(number)), []).append(rest)
    found = []
    for number, parts in told.items():
        other, _, _, on_update, on_delete = parts[0]
        found.append(
            ForeignKey(
                columns=tuple(lower(part[1]) for part in parts),
                table=lower(other),
                targets=tuple(lower(part[2]) for part in parts if part[2] is not None),
                on_update=on_update,
                on_delete=on_delete,
                # SQLite numbers them from the last to the first.
                deferred=deferred[len(told) - 1 - number],
            )
        )
    return tuple(sorted(found, key=repr))


def index_parts(connection: sqlite3.Connection, index: str) -> tuple[str, ...]:
    """The key columns of an index with COLLATE and DESC where they are not the usual; "" stands for an expression."""
    told: list[Any] = ask(connection, "index_xinfo", 'name, "desc", coll, "key"', index)
    return tuple(
        f"{lower(name or '')}{_collate(collation)}{' DESC' if descending else ''}"
        for name, descending, collation, is_key in told
        if is_key
    )


def _collate(collation: str) -> str:
    return "" if collation.upper() == "BINARY" else f" COLLATE {collation.upper()}"
