"""Statements that are asked again and again, compiled once: the ORM takes half as long to write a page's as it takes
the database to answer it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.utils import create_namedtuple_class


class Given(Expression):
    """A value of a statement that each run says anew."""

    def __init__(self, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)

    def as_sql(self, *_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """A placeholder, and what holds the value's place among the parameters."""
        return "%s", [self]


class Statement:
    """What reads rows that are a `values_list` with names, and nothing of which changes but what is `Given`."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        self._using = rows.db
        compiler: Any = rows.query.get_compiler(self._using)
        self._sql, self._parameters = compiler.as_sql()
        self._converters = compiler.get_converters(column for column, _, _ in compiler.select)
        self._row_class = create_namedtuple_class(*(name for _, _, name in compiler.select))

    def rows(self, given: Iterable[Any]) -> list[Any]:
        """Run it with these values for what is Given, in its order."""
        connection, values = connections[self._using], iter(given)
        parameters = [
            one.output_field.get_db_prep_value(next(values), connection) if isinstance(one, Given) else one
            for one in self._parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            found = cursor.fetchall()
        if self._converters:
            found = [self._converted(row, connection) for row in found]
        new: Callable[..., Any] = tuple.__new__
        return [new(self._row_class, row) for row in found]

    def _converted(self, row: Iterable[Any], connection: Any) -> list[Any]:
        values = list(row)
        for place, (converters, column) in self._converters.items():
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        return values
