"""Putting a row as it was stored into a table as it should be."""

import sqlite3
from typing import NamedTuple

from dbadmin.change.columns import becomes_another
from dbadmin.salvage.shape import Shape
from dbadmin.salvage.trees import Row
from dbadmin.schema.tokens import quote
from dbadmin.sqlite_file.record import Value

Identity = int | None | tuple[Value, ...]


class Inserted(NamedTuple):
    """A row in its new table: its rowid, or the values of its key, and what is not there as it was.

    `left` are the values for which the table has no column, `rewritten` those that its columns' types made others.
    """

    identity: Identity
    left: dict[str, Value]
    rewritten: dict[str, Value]


def insert(connection: sqlite3.Connection, source: Shape, target: Shape, row: Row) -> Inserted:
    """Insert a row with its rowid, if it has one; columns that the row is too short for get their defaults.

    Raises sqlite3.IntegrityError for a row that breaks a rule, or that the expression of a column or an index cannot
    take.
    """
    settable = {column.name.lower() for column in target.columns if column.can_be_set}
    computed = {column.name.lower() for column in target.columns if not column.can_be_set}
    values, left = _target_rowid(target, row), dict[str, Value]()
    for name, value in named_values(source, row).items():
        if name.lower() in settable:
            values[name] = value
        elif name.lower() not in computed and value is not None:
            left[name] = value
    places = {
        name: f"?{place}" if _is_plain(value) else f"CAST(?{place} AS TEXT)"
        for place, (name, value) in enumerate(values.items(), start=1)
    }
    names = ", ".join(map(quote, places))
    others = ", ".join(becomes_another(place, quote(name)) for name, place in places.items())
    # OR ABORT: a rule that would replace or ignore rows must not do so here.
    statement = (
        f"INSERT OR ABORT INTO {quote(target.table)} ({names}) VALUES ({', '.join(places.values())})"  # noqa: S608 - quoted
        f" RETURNING {others}"
    )
    try:
        bound = [value if _is_plain(value) else _as_bytes(value) for value in values.values()]
        cursor = connection.execute(statement, bound)
        (told,) = cursor.fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise sqlite3.IntegrityError(str(error)) from error
    named = {name.lower(): value for name, value in values.items()}
    rewritten = {name: value for (name, value), is_another in zip(values.items(), told, strict=True) if is_another}
    return Inserted(tuple(named.get(column.lower()) for column in target.key) or cursor.lastrowid, left, rewritten)


def _is_plain(value: Value) -> bool:
    """Whether a value can be bound as it is: text with bytes that are no UTF-8 cannot."""
    if not isinstance(value, str) or value.isascii():
        return True
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _as_bytes(value: Value) -> bytes:
    """The bytes of text that is not plain, to be cast to text by SQLite, which does not look at them."""
    return str(value).encode("utf-8", "surrogateescape")


def named_values(source: Shape, row: Row) -> dict[str, Value]:
    """The values of a row by column, as SQLite would show them."""
    return {
        column.name: row.rowid if column.is_rowid else value
        for column, value in zip(source.columns, row.values, strict=False)
    }


def _target_rowid(target: Shape, row: Row) -> dict[str, Value]:
    """The rowid by its own name, where there is one and no column of the target shows it."""
    is_shown = any(column.is_rowid for column in target.columns)
    return {} if is_shown or not target.rowid or row.rowid is None else {target.rowid: row.rowid}
