"""Columns as DDL, and what ALTER TABLE ADD COLUMN takes (https://www.sqlite.org/lang_altertable.html)."""

import re
from collections.abc import Collection

from dbadmin.change.actions import Action, Kind
from dbadmin.schema.model import Column, Table
from dbadmin.schema.tokens import quote

_CONSTANT = re.compile(r"[-+]? ?[0-9][0-9a-fx.+-]*|x?'(?:[^']|'')*'", re.IGNORECASE)
_AFFINITIES = (
    ("INTEGER", ("INT",)),
    ("TEXT", ("CHAR", "CLOB", "TEXT")),
    ("BLOB", ("BLOB",)),
    ("REAL", ("REAL", "FLOA", "DOUB")),
)


def add_column(table: str, column: Column) -> Action:
    """The action for a column that `is_addable`."""
    statement = f"ALTER TABLE {quote(table)} ADD COLUMN {definition(column)}"
    return Action(Kind.ADD_COLUMN, f"{table}.{column.name}", (statement,))


def is_addable(column: Column) -> bool:
    """Whether ALTER TABLE ADD COLUMN takes it on a table with rows."""
    if column.primary_key or column.generated == "stored" or (column.generated and column.not_null):
        return False
    return not column.not_null if column.default is None else _is_constant(column.default)


def definition(column: Column) -> str:
    """The column as its table's DDL would have it, without CHECK, UNIQUE and REFERENCES."""
    parts = [quote(column.name), column.type]
    if column.collation != "BINARY":
        parts.append(f"COLLATE {quote(column.collation)}")
    if column.generated:
        parts.append(f"GENERATED ALWAYS AS ({column.expression}) {column.generated.upper()}")
    if column.not_null:
        parts.append("NOT NULL")
    if column.default is not None:
        parts.append(f"DEFAULT {column.default}" if _is_constant(column.default) else f"DEFAULT ({column.default})")
    return " ".join(part for part in parts if part)


def rowid_alias(table: Table) -> str | None:
    """The column that is the rowid under another name, if there is one."""
    keys = [column for column in table.columns.values() if column.primary_key]
    if table.without_rowid or len(keys) != 1 or keys[0].type != "INTEGER":
        return None
    return None if "DESC" in " ".join(table.primary_key).split() else keys[0].name


def rowid_name(table: Table) -> str:
    """A name of the rowid that no column has; "" where the table has no rowid or all names are taken."""
    return "" if table.without_rowid else next(iter(free_rowid_names(table.columns)), "")


def free_rowid_names(columns: Collection[str]) -> list[str]:
    """SQLite's names of the rowid that are none of the columns'."""
    return [name for name in ("_rowid_", "rowid", "oid") if name not in columns]


def becomes_another(was: str, now: str) -> str:
    """The condition under which a value that was stored as `was`, and is `now`, does not say any more what it said.

    NULL says nothing. An integer and a real of the same value say the same, and so do a number and the text that SQLite
    makes of it and back (https://www.sqlite.org/datatype3.html). The unary plus keeps the columns' affinities and
    collations out of it.
    """
    a_number, a_text = "typeof({}) IN ('integer', 'real')".format, "typeof({}) = 'text'".format
    cases = (
        (f"typeof({was}) = typeof({now})", f"+{was} COLLATE BINARY IS +{now}"),
        (f"{a_number(was)} AND {a_number(now)}", f"+{was} = +{now}"),
        (f"{a_number(was)} AND {a_text(now)}",
         f"CAST({was} AS TEXT) = +{now} COLLATE BINARY AND CAST({now} AS NUMERIC) = +{was}"),
        (f"{a_text(was)} AND {a_number(now)}", f"CAST({now} AS TEXT) = +{was} COLLATE BINARY"),
    )  # fmt: skip
    says_the_same = " ".join(f"WHEN {kinds} THEN {same}" for kinds, same in cases)
    return f"{was} IS NOT NULL AND NOT CASE {says_the_same} ELSE 0 END"


def affinity_of(declared: str) -> str:
    """The affinity of a declared type (https://www.sqlite.org/datatype3.html, section 3.1)."""
    kind = declared.upper()
    found = (affinity for affinity, parts in _AFFINITIES if any(part in kind for part in parts))
    return next(found, "NUMERIC" if kind else "BLOB")


def _is_constant(default: str) -> bool:
    """Whether the default is a number, a string or a blob."""
    return _CONSTANT.fullmatch(default) is not None
