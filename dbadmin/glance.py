"""How a database is, told from its pages where that is beyond doubt: a fraction of what opening it costs.

Only for a process that holds no SQLite connection to the file (see sqlite_file/direct.py).
"""

from typing import NamedTuple

from dbadmin.examine import Finding, judge
from dbadmin.metadata import as_metadata
from dbadmin.schema.introspect import MOST_REMEMBERED, remembered
from dbadmin.schema.model import METADATA_TABLE, Schema
from dbadmin.schema.registry import Registry
from dbadmin.schema.rows import SchemaRow
from dbadmin.schema.tokens import lower
from dbadmin.sqlite_file.direct import DirectReading, read_schema
from dbadmin.sqlite_file.look import Look

_VERSION, _CHECKSUM = "schema_version", "schema_checksum"


class _Known(NamedTuple):
    """A schema that SQLite has read, and where version and checksum stand in a row of its metadata."""

    schema: Schema
    version: int
    checksum: int


_known: dict[str, _Known] = {}


def glance(path: str, registry: Registry) -> tuple[Finding, Look] | None:
    """What `examine` would say without `deep`, and how the file looked; None where only SQLite can tell.

    Then `examine` must be asked, as for every schema that this process has not examined before: the first file of each
    teaches the rest. What is said is true of a moment after the call.
    """
    reading = read_schema(path)
    if reading is None or reading.metadata is None:
        return None
    known = _known.get(reading.schema_key) or _learn(reading)
    if known is None:
        return None
    metadata = as_metadata([(row[known.version], row[known.checksum]) for row in reading.metadata])
    return judge(known.schema, metadata, registry), reading.seen


def _learn(reading: DirectReading) -> _Known | None:
    """The schema as it was made of a file that was examined, None when there was none or its metadata lack a column."""
    schema = remembered(tuple(SchemaRow(row.type, row.name, row.table_name, row.sql) for row in reading.rows))
    places = {lower(column): place for place, column in enumerate(reading.columns)}
    if schema is None or METADATA_TABLE not in schema.tables or not places.keys() >= {_VERSION, _CHECKSUM}:
        return None
    if len(_known) >= MOST_REMEMBERED:
        _known.clear()
    known = _known[reading.schema_key] = _Known(schema, places[_VERSION], places[_CHECKSUM])
    return known
