"""How a database is, told from its pages where that is beyond doubt: a fraction of what opening it costs.

Only for a process that holds no SQLite connection to the file (see sqlite_file/direct.py).
"""

from functools import lru_cache

from dbadmin.examine import Finding, judge
from dbadmin.metadata import as_metadata
from dbadmin.schema.introspect import MOST_REMEMBERED, remembered
from dbadmin.schema.model import METADATA_TABLE, Schema
from dbadmin.schema.registry import Registry
from dbadmin.schema.rows import SchemaRow
from dbadmin.schema.tokens import lower
from dbadmin.sqlite_file.direct import DirectReading, read_schema
from dbadmin.sqlite_file.look import Look
from dbadmin.sqlite_file.record import Value

_schemas: dict[str, Schema] = {}


def glance(path: str, registry: Registry, seen: Look | None = None) -> Finding | None:
    """What `examine` would say without `deep`; None where only SQLite can tell, and `examine` must be asked.

    Among that is every schema that this process has not examined before: the first file of each teaches the rest. What
    is said is true of a moment after the call; `seen` is a look at the file, by default one taken now.
    """
    reading = read_schema(path, seen)
    if reading is None or reading.metadata is None:
        return None
    schema = _examined(reading)
    if schema is None or not _says_version(schema):
        return None
    return judge(schema, as_metadata([_said(row) for row in reading.metadata]), registry)


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


def _says_version(schema: Schema) -> bool:
    """Whether its metadata have both columns, with or without rows."""
    table = schema.tables.get(METADATA_TABLE)
    return table is not None and "schema_version" in table.columns and "schema_checksum" in table.columns


def _said(row: dict[str, Value]) -> tuple[object, object]:
    """Version and checksum of a metadata row."""
    version, checksum = _names(tuple(row))
    return row[version], row[checksum]


@lru_cache(maxsize=256)
def _names(columns: tuple[str, ...]) -> tuple[str, str]:
    """How the columns of version and checksum are written."""
    written = {lower(column): column for column in columns}
    return written["schema_version"], written["schema_checksum"]
