"""How a database is, told from its pages where that is beyond doubt: a fraction of what opening it costs.

Only for a process that holds no SQLite connection to the file (see sqlite_file/direct.py).
"""

from functools import lru_cache
from pathlib import Path

from dbadmin.examine import Finding, judge
from dbadmin.metadata import as_metadata
from dbadmin.schema.introspect import remembered
from dbadmin.schema.model import METADATA_TABLE
from dbadmin.schema.registry import Registry
from dbadmin.schema.rows import SchemaRow
from dbadmin.sqlite_file.direct import DirectReading, read_schema
from dbadmin.sqlite_file.schema_rows import SchemaRow as StoredRow


def glance(path: Path, registry: Registry) -> Finding | None:
    """What `examine` would say without `deep`; None where only SQLite can tell, and `examine` must be asked.

    Among that is every schema that this process has not examined before: the first file of each teaches the rest.
    """
    reading = read_schema(path)
    schema = remembered(_without_roots(reading.rows)) if reading else None
    if reading is None or schema is None or METADATA_TABLE not in schema.tables:
        return None
    rows = _said(reading)
    return None if rows is None else judge(schema, as_metadata(rows), registry, reading.size)


@lru_cache(maxsize=256)
def _without_roots(rows: tuple[StoredRow, ...]) -> tuple[SchemaRow, ...]:
    """The rows in the form under which schemas are remembered."""
    return tuple(SchemaRow(row.type, row.name, row.table_name, row.sql) for row in rows)


def _said(reading: DirectReading) -> list[tuple[object, object]] | None:
    """Version and checksum of each metadata row, None when the columns are not there."""
    rows = [{name.lower(): value for name, value in row.items()} for row in reading.metadata or ()]
    if not all({"schema_version", "schema_checksum"} <= row.keys() for row in rows):
        return None
    return [(row["schema_version"], row["schema_checksum"]) for row in rows]
