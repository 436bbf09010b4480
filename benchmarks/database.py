"""A scratch database that the benchmarks make, fill and drop; nothing else is ever read or written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

NAME = "nisam_bench"
DEFAULT = "postgresql://postgres@127.0.0.1:5432/nisam"
# Kept on the database itself: one of the same name that lacks it is somebody else's.
MARK = "Made by nisam's benchmarks, which drop it without asking."


class CannotRunError(Exception):
    """Something that the benchmarks need is not there."""


@contextmanager
def scratch(folder: Path) -> Iterator[None]:
    """Let Django's settings, which must not have been read yet, find an empty database inside the block.

    PostgreSQL at the server of DATABASE_URL (its database is not touched), or with NISAM_BENCH_BACKEND=embedded
    SQLite in `folder`. Child processes inherit it.
    """
    server = os.environ.pop("DATABASE_URL", "") or DEFAULT
    os.environ.update(
        DJANGO_SETTINGS_MODULE="nisam.settings",
        NISAM_DATA_DIR=str(folder),
        NISAM_LOG_LEVEL="WARNING",
        NISAM_DEBUG="0",
        # What is measured is ours, not how long it would be polite to wait.
        NISAM_SCRAPE_REQUESTS_PER_MINUTE="0",
        # No broker: nobody may be woken, and what it costs to tell them is not measured.
        REDIS_URL="",
    )
    if os.environ.get("NISAM_BENCH_BACKEND") == "embedded":
        yield
        return
    maintenance = urlsplit(server)._replace(path="/postgres").geturl()
    try:
        _recreate(maintenance)
    except psycopg.OperationalError as error:
        words = f"PostgreSQL cannot be used: {error}\nNISAM_BENCH_BACKEND=embedded measures on SQLite."
        raise CannotRunError(words) from error
    os.environ["DATABASE_URL"] = urlsplit(server)._replace(path=f"/{NAME}").geturl()
    try:
        yield
    finally:
        _drop(maintenance)


def _recreate(maintenance: str) -> None:
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=5) as connection:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database'),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = pg_database.datname)"
            " FROM pg_database WHERE datname = %s",
            [NAME],
        ).fetchone()
        if found and found[0] != MARK:
            raise CannotRunError(f"The database {NAME} is there and was not made by the benchmarks; rename it.")
        if found and found[1]:
            raise CannotRunError(f"The database {NAME} is in use: the benchmarks run already.")
        if found:  # left by a run that was killed
            _drop(maintenance)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(NAME), MARK))


def _drop(maintenance: str) -> None:
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))
