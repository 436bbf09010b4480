"""The statement that keeps what was found of many files: new rows are inserted, older ones brought up to date.

What files that are alike have in common is sent once. A row that was written after the file was read, by a change or
another scan, stays as it is; one with a time that is still to come was written under a wrong clock, and does not.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

import orjson
from django.db import connection

from dbadmin.examine import Summary
from dbadmin.fleets import SHARD_LENGTH, Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan.read import Reading, to_come
from dbadmin.scan.signature import examiner
from nisam.freshness.models import Group
from nisam.freshness.touch import touch

_TABLE = DatabaseRecord._meta.db_table  # noqa: SLF001 - Django's documented Meta API
_KEY = ("fleet", "database_id")
_OF_ALL = ("fleet", "examiner")
_OF_FOUND = Summary._fields
_OF_FILE = ("database_id", "shard", "size", "wal_size", "signature", "scanned_at", "deep_checked_at")
# A file that was read is there; what its last change came to is only written by changes.
_NEW = {"missing_since": "NULL", "plan_class": "''", "error_code": "''", "error_message": "''"}
_WRITTEN = (*_OF_ALL, *_OF_FOUND, *_OF_FILE, "missing_since")


def upsert(fleet: Fleet, readings: Sequence[Reading]) -> dict[str, int]:
    """Keep what was read of a fleet in one statement; the keys of the rows written, by the databases' ids.

    Must run in a transaction.
    """
    if not readings:
        return {}
    found: dict[Summary, int] = {}
    adapt = connection.ops.adapt_datetimefield_value
    files = [_of_file(reading, found.setdefault(reading.found, len(found)), adapt) for reading in readings]
    parameters = {
        "fleet": fleet.name,
        "examiner": examiner(fleet.registry),
        "to_come": adapt(to_come()),
        "found": _as_json([{"place": place, **summary._asdict()} for summary, place in found.items()]),
        # Numbers, times and ids, in which nothing stands that no database holds.
        "file": orjson.dumps(files).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_sql(connection.vendor), parameters)
        written = {database_id: key for key, database_id in cursor.fetchall()}
    if written:
        touch(Group.DATABASES)
    return written


def _of_file(reading: Reading, place: int, adapt: Callable[[datetime], object]) -> dict[str, object]:
    checked = reading.deep_checked_at
    return {
        "place": place,
        "database_id": reading.database_id,
        "shard": reading.database_id[:SHARD_LENGTH],
        "size": reading.size,
        "wal_size": reading.wal_size,
        "signature": reading.signature,
        "scanned_at": adapt(reading.scanned_at),
        "deep_checked_at": adapt(checked) if checked else None,
    }


def _as_json(rows: list[dict[str, object]]) -> str:
    # Files may be called what no database holds: NUL, and halves of characters.
    text = json.dumps(rows, ensure_ascii=False)
    # Each backslash is written by its number first, so that none is taken for the beginning of a NUL.
    text = text.replace("\\\\", "\\u005c").replace("\\u0000", "")
    return text.encode("utf-8", "replace").decode()


@cache
def _sql(vendor: str) -> str:
    columns = {name: f"%({name})s" for name in _OF_ALL} | _NEW
    for source, names in (("found", _OF_FOUND), ("file", _OF_FILE)):
        columns |= {name: _value(vendor, source, name) for name in names}
    written = ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN if name not in _KEY)
    # What a dry run has found meanwhile holds for as long as the schema is the same.
    plan_class = f"CASE WHEN {_TABLE}.fingerprint = excluded.fingerprint THEN {_TABLE}.plan_class ELSE '' END"
    return (
        f"INSERT INTO {_TABLE} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608 - our own columns
        f" FROM {_rows(vendor, 'file', _OF_FILE)} JOIN {_rows(vendor, 'found', _OF_FOUND)}"
        f" ON {_value(vendor, 'file', 'place')} = {_value(vendor, 'found', 'place')}"
        # In order, so that two scans never wait for each other in a circle.
        f" WHERE true ORDER BY {_value(vendor, 'file', 'database_id')}"
        f" ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {written}, plan_class = {plan_class}"
        f" WHERE excluded.scanned_at >= {_been('scanned_at')}"
        # Whoever read the file without knowing of the latest deep check could clear what that has found.
        f" AND ({_TABLE}.deep_checked_at IS NULL OR excluded.deep_checked_at >= {_been('deep_checked_at')})"
        " RETURNING id, database_id"
    )


def _been(name: str) -> str:
    """A time of the row, or that of the new reading in its place where it is still to come."""
    time = f"{_TABLE}.{name}"
    return f"CASE WHEN {time} > %(to_come)s THEN excluded.scanned_at ELSE {time} END"


def _rows(vendor: str, source: str, names: Sequence[str]) -> str:
    """JSON as a table of that name."""
    rows = f"%({source})s"
    if vendor != "postgresql":
        return f"json_each({rows}) AS {source}"
    types = ", ".join(f"{name} {DatabaseRecord._meta.get_field(name).db_type(connection)}" for name in names)  # noqa: SLF001
    return f"json_to_recordset({rows}) AS {source} (place integer, {types})"


def _value(vendor: str, source: str, name: str) -> str:
    return f"{source}.{name}" if vendor == "postgresql" else f"json_extract({source}.value, '$.{name}')"
