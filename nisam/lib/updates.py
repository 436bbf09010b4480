"""UPDATE … RETURNING, which the ORM has not, for rows that are written again and again.

Written once for each combination of columns: the ORM takes longer to compile an UPDATE than the database to do it. Like
its `update` it sends no signals, and it makes no versions of content new.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, models

Model = type[models.Model]


@dataclass(frozen=True)
class Plus:
    """What is added to a column."""

    value: int


@dataclass(frozen=True)
class IfNull:
    """What a column gets that has nothing yet."""

    value: Any


_NEW = {Plus: "{column} + %s", IfNull: "COALESCE({column}, %s)"}
_COMPARED = {"": "=", "lte": "<="}


def update_returning(
    model: Model, where: Mapping[str, Any], changes: Mapping[str, Any], returning: str = "*"
) -> tuple[str, list[Any]]:
    """The statement and its parameters; `changes` are values, Plus or IfNull, `where` has `field` and `field__lte`."""
    forms = tuple((name, type(value) if type(value) in _NEW else None) for name, value in changes.items())
    given = [(name, changes[name].value if form else changes[name]) for name, form in forms]
    given += [(name.partition("__")[0], value) for name, value in where.items()]
    parameters = [_field(model, name).get_db_prep_save(value, connection) for name, value in given]
    return _update_sql(model, tuple(where), forms, returning), parameters


@lru_cache(maxsize=1000)
def _update_sql(model: Model, where: tuple[str, ...], forms: tuple[tuple[str, Any], ...], returning: str) -> str:
    columns = [(_field(model, name).column, _NEW.get(form, "%s")) for name, form in forms]
    new = ", ".join(f"{column} = {value.format(column=column)}" for column, value in columns)
    tests = [(_field(model, name).column, _COMPARED[test]) for name, _, test in (one.partition("__") for one in where)]
    same = " AND ".join(f"{column} {test} %s" for column, test in tests)
    return f"UPDATE {model._meta.db_table} SET {new} WHERE {same} RETURNING {returning}"  # noqa: S608, SLF001 - our own names


def _field(model: Model, name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)  # noqa: SLF001 - Django's documented Meta API
