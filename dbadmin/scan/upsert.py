"""The statement that keeps what was found of many files: new rows are inserted, older ones brought up to date.

A row that was written after the file was read, by a change or another scan, stays as it is.
"""

import json
from collections.abc import Sequence
from functools import cache

from django.db import connection

from dbadmin.models import DatabaseRecord
from nisam.freshness.models import Group
from nisam.freshness.touch import touch

_TABLE = DatabaseRecord._meta.db_table  # noqa: SLF001 - Django's documented Meta API
_COLUMNS = tuple(field.attname for field in DatabaseRecord._meta.concrete_fields if field.attname != "id")  # noqa: SLF001
_KEY = ("fleet", "database_id")
# What only a change writes.
_KEPT = (*_KEY, "error_code", "error_message")


def upsert(rows: Sequence[DatabaseRecord]) -> dict[str, int]:
    """Keep rows of one fleet in one statement; the keys of those written, by the databases' ids.

    Must run in a transaction.
    """
    if not rows:
        return {}
    in_order = sorted(rows, key=lambda row: row.database_id)  # so that two scans never wait for each other in a circle
    values = [{name: _plain(row, name) for name in _COLUMNS} for row in in_order]
    # Files may be called what no database holds: NUL, and halves of characters.
    text = json.dumps(values, ensure_ascii=False).replace("\\u0000", "").encode("utf-8", "replace").decode()
    with connection.cursor() as cursor:
        cursor.execute(_sql(connection.vendor), {"rows": text})
        written = {database_id: key for key, database_id in cursor.fetchall()}
    if written:
        touch(Group.DATABASES)
    return written


def _plain(row: DatabaseRecord, name: str) -> object:
    value = getattr(row, name)
    if name.endswith(("_at", "_since")) and value:
        return str(connection.ops.adapt_datetimefield_value(value))
    return value


@cache
def _sql(vendor: str) -> str:
    if vendor == "postgresql":
        fields = DatabaseRecord._meta.concrete_fields  # noqa: SLF001
        types = ", ".join(f"{field.attname} {field.db_type(connection)}" for field in fields if field.attname != "id")
        source, values = f"json_to_recordset(%(rows)s) AS found ({types})", ", ".join(_COLUMNS)
    else:
        source = "json_each(%(rows)s) WHERE true"  # without a WHERE, the ON that follows would be a join's
        values = ", ".join(f"json_extract(value, '$.{name}')" for name in _COLUMNS)
    written = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEPT)
    return (
        f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}) SELECT {values} FROM {source}"  # noqa: S608 - our own columns
        f" ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {written}"
        f" WHERE {_TABLE}.scanned_at <= excluded.scanned_at RETURNING id, database_id"
    )
