"""The table of videos below the ORM: its rows as text, the database's fastest way to write them, and their versions."""

import time
from typing import Any

from django.db import connection

from videos.models import Video

TABLE = Video._meta.db_table  # noqa: SLF001 - Django's documented Meta API


def is_postgresql() -> bool:
    """Whether this run is on the database that the targets are about."""
    return connection.vendor == "postgresql"


def empty_table() -> None:
    """Forget all videos; on PostgreSQL their indexes begin anew as well."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE} CASCADE" if is_postgresql() else f"DELETE FROM {TABLE}")


def read_rows() -> Any:
    """All rows, in the form that `write_rows` takes."""
    with connection.cursor() as cursor:
        if not is_postgresql():
            cursor.execute(f"SELECT * FROM {TABLE}")
            return cursor.fetchall()
        with cursor.copy(f"COPY {TABLE} TO STDOUT") as copy:
            return b"".join(copy)


def write_rows(rows: Any) -> float:
    """Write them with one COPY (SQLite: one executemany) and one commit, all rendered before; returns the seconds."""
    with connection.cursor() as cursor:
        began = time.perf_counter()
        if is_postgresql():
            with cursor.copy(f"COPY {TABLE} FROM STDIN") as copy:
                copy.write(rows)
        else:
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.execute("BEGIN")
            cursor.executemany(f"INSERT INTO {TABLE} VALUES ({places})", rows)
            cursor.execute("COMMIT")
        return time.perf_counter() - began


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
