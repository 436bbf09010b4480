"""Statements that are asked again and again, compiled once: the ORM takes longer to write a page's and to wrap its
rows than the database to answer it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.utils import create_namedtuple_class


class Given(Expression):
    """A value of a statement that each run says anew, under its name."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

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

    def rows(self, given: Mapping[str, Any]) -> list[Any]:
        """Run it with these values for what is Given."""
        with self._run(self._sql, given) as cursor:
            found = cursor.fetchall()
        if self._converters:
            connection = connections[self._using]
            found = [self._converted(row, connection) for row in found]
        new: Callable[..., Any] = tuple.__new__
        return [new(self._row_class, row) for row in found]

    def number(self, given: Mapping[str, Any]) -> int:
        """How many rows it finds."""
        with self._run(f"SELECT count(*) FROM ({self._sql}) found", given) as cursor:  # noqa: S608 - the ORM's own
            (number,) = cursor.fetchone()
        return int(number)

    @contextmanager
    def _run(self, sql: str, given: Mapping[str, Any]) -> Iterator[CursorWrapper]:
        connection = connections[self._using]
        parameters = [
            one.output_field.get_db_prep_value(given[one.name], connection) if isinstance(one, Given) else one
            for one in self._parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            yield cursor

    def _converted(self, row: Iterable[Any], connection: Any) -> list[Any]:
        values = list(row)
        for place, (converters, column) in self._converters.items():
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        return values
