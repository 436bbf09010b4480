"""The tables of videos and of their search below the ORM: rows as text, the fastest way to write them, versions."""

import time
from typing import Any

from django.db import connection, transaction

from videos.models import SearchDocument, Video

TABLE = Video._meta.db_table  # noqa: SLF001 - Django's documented Meta API
DOCUMENTS = SearchDocument._meta.db_table  # noqa: SLF001 - the same


def is_postgresql() -> bool:
    """Whether this run is on the database that the targets are about."""
    return connection.vendor == "postgresql"


def empty_table() -> None:
    """Forget all videos and what is searched of them; on PostgreSQL their indexes begin anew as well."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE} CASCADE" if is_postgresql() else f"DELETE FROM {TABLE}")
        if not is_postgresql():
            cursor.execute(f"DELETE FROM {DOCUMENTS}")


def read_rows() -> dict[str, Any]:
    """All rows of both tables, in the form that `write_rows` takes."""
    return {table: _read(table) for table in (TABLE, DOCUMENTS)}


def write_rows(rows: dict[str, Any]) -> float:
    """Write them with a COPY a table (SQLite: executemany) and one commit, all rendered before; returns the seconds."""
    began = time.perf_counter()
    with transaction.atomic():
        for table, content in rows.items():
            _write(table, content)
    return time.perf_counter() - began


def _read(table: str) -> Any:
    with connection.cursor() as cursor:
        if not is_postgresql():
            cursor.execute(f"SELECT {_columns(table)} FROM {table}")
            return cursor.fetchall()
        with cursor.copy(f"COPY {table} ({_columns(table)}) TO STDOUT") as copy:
            return b"".join(copy)


def _write(table: str, content: Any) -> None:
    with connection.cursor() as cursor:
        if is_postgresql():
            with cursor.copy(f"COPY {table} ({_columns(table)}) FROM STDIN") as copy:
                copy.write(content)
        else:
            places = ", ".join(["%s"] * len(content[0]))
            cursor.executemany(f"INSERT INTO {table} ({_columns(table)}) VALUES ({places})", content)


def _columns(table: str) -> str:
    """The columns that can be written: not those that the database generates itself."""
    (model,) = (model for model in (Video, SearchDocument) if model._meta.db_table == table)  # noqa: SLF001 - the same
    return ", ".join(str(field.column) for field in model._meta.concrete_fields if not field.generated)  # noqa: SLF001 - the same


def row_versions() -> set[tuple[Any, ...]]:
    """What changes when a row is written: (id, transaction, place), on SQLite all of its values."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, xmin::text, ctid::text FROM {TABLE}" if is_postgresql() else f"SELECT * FROM {TABLE}"
        )
        return set(cursor.fetchall())


def log_position() -> int:
    """How many bytes of write-ahead log were ever written; 0 where nobody counts."""
    if not is_postgresql():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(cursor.fetchone()[0])
