"""A catalogue of a million made-up videos, in a database of its own that is kept: making it takes minutes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from benchmarks.database import CannotRunError
from benchmarks.setting import settle

VIDEOS = int(os.environ.get("NISAM_BENCH_VIDEOS", "1000000"))
NAME = "nisam_bench_catalogue" if VIDEOS == 1_000_000 else f"nisam_bench_catalogue_{VIDEOS}"
# Kept on the database itself, and only when it is whole.
MARK = f"Made by nisam's benchmarks: {VIDEOS} videos. Drop it to have it made anew."
UNFINISHED = "Begun by nisam's benchmarks and not finished."


@contextmanager
def catalogue() -> Iterator[str]:
    """Let this process work on the catalogue inside the block, made first if it is not there; gives its address.

    Raises CannotRunError without PostgreSQL, or when a database of that name is not ours.
    """
    if connection.vendor != "postgresql":
        raise CannotRunError("The API is measured on PostgreSQL only.")
    scratch_url = os.environ["DATABASE_URL"]
    scratch_name = connection.settings_dict["NAME"]
    with psycopg.connect(urlsplit(scratch_url)._replace(path="/postgres").geturl(), autocommit=True) as server:
        is_new = _create(server)
        _point_django_to(NAME)
        # What is explained here is planned as in the web process.
        connection.settings_dict["OPTIONS"]["options"] = settings.DATABASE_PLANNER
        try:
            call_command("migrate", verbosity=0)
            if is_new:
                _fill()
                _comment(server, MARK)
            yield urlsplit(scratch_url)._replace(path=f"/{NAME}").geturl()
        finally:
            _point_django_to(scratch_name)
            del connection.settings_dict["OPTIONS"]["options"]


def _create(server: "psycopg.Connection[tuple[str]]") -> bool:
    """Make the database unless it is there and whole; True when it is to be filled."""
    found = server.execute(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s", [NAME]
    ).fetchone()
    if found and found[0] == MARK:
        return False
    if found and found[0] != UNFINISHED:
        raise CannotRunError(f"The database {NAME} is there and was not made by the benchmarks; rename it.")
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(NAME)))
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    _comment(server, UNFINISHED)
    return True


def _comment(server: "psycopg.Connection[tuple[str]]", text: str) -> None:
    server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(NAME), text))


def _point_django_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _fill() -> None:
    print(f"making {VIDEOS:,} videos, once", flush=True)
    channels = max(VIDEOS // 200, 20)
    call_command("make_catalogue", videos=VIDEOS, channels=channels, tags=max(VIDEOS // 50, 100))
    settle()
