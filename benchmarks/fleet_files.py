"""Fleets of many files for the benchmarks, in a folder of their own."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from django.conf import settings

from dbadmin.fleets import Fleet, get_fleet

SIZE = 150_000
CREATED = "2026-01-01T00:00:00Z"


def use_folder(root: Path) -> Fleet:
    """Let the built-in fleet be there."""
    root.mkdir(exist_ok=True)
    settings.FLEETS = {"captions": {**settings.FLEETS["captions"], "root": root}}
    return get_fleet("captions")


def fill(fleet: Fleet, number: int, *, first: int = 0) -> None:
    """So many sparse copies of one database of the latest version, about 150 kB each, made long ago, each at a time of
    its own."""
    original = _original(fleet)
    said = original.index(CREATED.encode())
    for place in range(first, first + number):
        path = str(fleet.path_of(id_of(place)))
        os.makedirs(os.path.dirname(path))  # noqa: PTH103, PTH120 - a hundred thousand Paths take longer than the files
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(original)
            file.seek(said)
            file.write(f"{CREATED[:11]}{place // 3600 % 24:02}:{place // 60 % 60:02}:{place % 60:02}".encode())
            file.truncate(SIZE - SIZE % 4096)
        os.utime(path, (1_700_000_000, 1_700_000_000))


def id_of(place: int) -> str:
    """Ids that come in every shard."""
    return str(UUID(int=(place % 256) << 120 | (place * 0x9E3779B97F4A7C15) % 2**112))


def _original(fleet: Fleet) -> bytes:
    """Its schema and metadata; the pages after them are holes, which nobody reads but a deep check."""
    registry = fleet.registry
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(registry.sql(registry.latest))
        values = (registry.latest, registry.fingerprint(registry.latest), CREATED)
        connection.execute("INSERT INTO database_metadata VALUES (1, ?, ?, ?, NULL, NULL)", values)
        made = bytearray(connection.serialize())
    pages = SIZE // 4096
    made[28:32] = pages.to_bytes(4, "big")  # the header has to agree with the file's size
    return bytes(made)
