"""Writing very many rows past the ORM: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import connection, models

Row = Mapping[str, Any]


def write_rows(model: type[models.Model], rows: Iterable[Row]) -> None:
    """Insert rows, given as values by column attribute (`channel_id`); what is not given gets its default.

    Every row gives the same. Sends no signal and changes no version. Raises IntegrityError.
    """
    rows = iter(rows)
    if first := next(rows, None):
        meta = model._meta  # noqa: SLF001 - Django's documented Meta API
        fields = [field for field in meta.concrete_fields if _is_written(field, first)]
        insert = _copy if connection.vendor == "postgresql" else _insert
        insert(meta.db_table, fields, chain([first], rows))


def _is_written(field: Any, row: Row) -> bool:
    """All that the database does not make itself."""
    return not field.generated and (field.attname in row or not isinstance(field, models.AutoField))


def _copy(table: str, fields: Sequence[Any], rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_columns(fields)}) FROM STDIN") as copy:
        for values in _complete(fields, rows):
            copy.write_row(values)


def _insert(table: str, fields: Sequence[Any], rows: Iterable[Row]) -> None:
    named = {field.attname: field for field in fields}
    stored = ({name: named[name].get_db_prep_save(value, connection) for name, value in row.items()} for row in rows)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {table} ({_columns(fields)}) VALUES ({places})"  # noqa: S608 - names of our models
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(_complete(fields, stored)))


def _columns(fields: Sequence[Any]) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in fields)


def _complete(fields: Sequence[Any], rows: Iterable[Row]) -> Iterator[list[Any]]:
    defaults = {field.attname: field.get_db_prep_save(field.get_default(), connection) for field in fields}
    names = [field.attname for field in fields]
    for row in rows:
        whole = {**defaults, **row}
        yield [whole[name] for name in names]
