"""The canonical model of a schema: what two databases must have alike to be called equal.

Names are in lower case; expressions are normalized tokens (`tokens.normalize`). `sql` fields are the text as stored
and count for nothing in equality or fingerprint. Columns are compared by name: their order is in the dict only.
"""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dbadmin.schema.tokens import tokenize

METADATA_TABLE = "database_metadata"


@dataclass(frozen=True)
class Column:
    """A column. `type` in upper case, `primary_key` its place in the key from 1 (0: not in it)."""

    name: str
    type: str
    not_null: bool = False
    default: str | None = None
    primary_key: int = 0
    collation: str = "BINARY"
    generated: str = ""
    """"" or virtual or stored."""
    expression: str = ""
    """Of a generated column."""


@dataclass(frozen=True)
class ForeignKey:
    """A reference to another table. Without `targets` it means that table's primary key."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]
    on_update: str = "NO ACTION"
    on_delete: str = "NO ACTION"
    deferred: bool = False


@dataclass(frozen=True)
class Table:
    """A table. `module` is "" for an ordinary one, else the virtual table's, such as fts5, with its `arguments`.

    `columns` has the stored order; a virtual table has none here, they are among its arguments. `primary_key` and
    each of `uniques` are parts like those of an index. `conflicts` are the ON CONFLICT clauses, in words.
    """

    name: str
    columns: dict[str, Column]
    checks: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    primary_key: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    without_rowid: bool = False
    strict: bool = False
    autoincrement: bool = False
    module: str = ""
    arguments: tuple[str, ...] = ()
    sql: str = field(default="", compare=False)

    @property
    def content(self) -> str | None:
        """Of a full text table: the table whose rows are indexed, "" where the index keeps no text, None where it keeps
        the rows itself."""
        value = self.option("content")
        return None if value is None else value.lower()

    @property
    def content_rowid(self) -> str:
        """Of a full text table: the column of its content that numbers the rows."""
        return self.option("content_rowid") or "rowid"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns in their order, also of a full text table, whose columns are the arguments that set nothing."""
        if not self.module:
            return tuple(self.columns)
        return tuple(tokenize(argument)[0].name for argument in self.arguments if not is_option(argument))

    def option(self, name: str) -> str | None:
        """What an argument of a virtual table sets an option to, None where none does."""
        options = (argument.partition(" =") for argument in self.arguments if is_option(argument))
        return next((value.strip() for option, _, value in options if option == name), None)


def is_option(argument: str) -> bool:
    """Whether an argument of a virtual table sets an option: a name in quotes is a column's, whatever is in it."""
    return " =" in argument and argument[0] not in "\"'"


@dataclass(frozen=True)
class Index:
    """An index made by CREATE INDEX. `parts` are columns or expressions with COLLATE and DESC; `where` "" if total."""

    name: str
    table: str
    unique: bool
    parts: tuple[str, ...]
    where: str = ""
    sql: str = field(default="", compare=False)


@dataclass(frozen=True)
class Trigger:
    """A trigger; `tokens` is all of its statement after the name."""

    name: str
    table: str
    tokens: str
    sql: str = field(default="", compare=False)


@dataclass(frozen=True)
class View:
    """A view; `tokens` is all of its statement after the name."""

    name: str
    tokens: str
    sql: str = field(default="", compare=False)


@dataclass(frozen=True)
class Schema:
    """Everything in a database that people made; each dict is keyed by name in lower case."""

    tables: dict[str, Table] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, of all but the metadata table; equal schemas have equal fingerprints."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        canonical = json.dumps(self.as_data(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def as_data(self) -> dict[str, Any]:
        """What the fingerprint is made of, as JSON knows it."""
        return {
            kind: {name: _canonical(made) for name, made in objects.items() if name != METADATA_TABLE}
            for kind, objects in self.as_kinds().items()
        }

    def as_kinds(self) -> dict[str, dict[str, Any]]:
        """The objects by kind: table, index, trigger, view."""
        return {"table": self.tables, "index": self.indexes, "trigger": self.triggers, "view": self.views}


def _canonical(value: Any) -> Any:
    """A model object as dicts and lists, without what is not compared."""
    if hasattr(value, "__dataclass_fields__"):
        compared = [name for name, made in value.__dataclass_fields__.items() if made.compare]
        return {name: _canonical(getattr(value, name)) for name in compared}
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    return value
