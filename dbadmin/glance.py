"""How a database is, told from its pages where that is beyond doubt: a fraction of what opening it costs.

Only for a process that holds no SQLite connection to the file (see sqlite_file/direct.py).
"""

from collections.abc import Sequence
from functools import lru_cache

from dbadmin.examine import Finding, judge
from dbadmin.metadata import as_metadata
from dbadmin.schema.introspect import MOST_REMEMBERED, remembered
from dbadmin.schema.model import METADATA_TABLE, Schema
from dbadmin.schema.registry import Registry
from dbadmin.schema.rows import SchemaRow
from dbadmin.sqlite_file.direct import DirectReading, read_schema
from dbadmin.sqlite_file.look import Look
from dbadmin.sqlite_file.record import Value

_schemas: dict[str, Schema] = {}


def glance(path: str, registry: Registry, seen: Look | None = None) -> Finding | None:
    """What `examine` would say without `deep`; None where only SQLite can tell, and `examine` must be asked.

    Among that is every schema that this process has not examined before: the first file of each teaches the rest. What
    is said is true of the moment of the look `seen`, by default one taken now.
    """
    reading = read_schema(path, seen)
    if reading is None or reading.metadata is None:
        return None
    schema = _examined(reading)
    rows = _said(reading.metadata) if schema and METADATA_TABLE in schema.tables else None
    return None if schema is None or rows is None else judge(schema, as_metadata(rows), registry)


def _examined(reading: DirectReading) -> Schema | None:
    """The schema as it was made of a file that was examined, None when there was none."""
    if schema := _schemas.get(reading.schema_key):
        return schema
    schema = remembered(tuple(SchemaRow(row.type, row.name, row.table_name, row.sql) for row in reading.rows))
    if schema:
        if len(_schemas) >= MOST_REMEMBERED:
            _schemas.clear()
        _schemas[reading.schema_key] = schema
    return schema


def _said(metadata: Sequence[dict[str, Value]]) -> list[tuple[object, object]] | None:
    """Version and checksum of each metadata row, None when the columns are not there."""
    names = [_names(tuple(row)) for row in metadata]
    if None in names:
        return None
    return [(row[found[0]], row[found[1]]) for row, found in zip(metadata, names, strict=True) if found]


@lru_cache(maxsize=256)
def _names(columns: tuple[str, ...]) -> tuple[str, str] | None:
    """How the columns of version and checksum are written."""
    written = {column.lower(): column for column in columns}
    names = written.get("schema_version"), written.get("schema_checksum")
    return names if all(names) else None  # type: ignore[return-value]
