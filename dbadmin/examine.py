"""Says how one database is: reads its schema and metadata in one transaction, compares, and writes nothing.

The one exception is SQLite's own: what a killed writer left half done in a -journal, whoever opens the file undoes.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from dbadmin.deep import Damage, check_deeply
from dbadmin.errors import BusyError, CorruptError, DiskFullError, UnreadableError
from dbadmin.metadata import Metadata, NoMetadata, read_metadata
from dbadmin.opening import BUSY_SECONDS, open_database, require_regular_file, translate, translated
from dbadmin.schema.diff import Difference, column_order_differs, compare
from dbadmin.schema.introspect import MOST_REMEMBERED, inspect
from dbadmin.schema.model import Schema
from dbadmin.schema.registry import Registry
from dbadmin.states import Flag, Status


@dataclass(frozen=True)
class TableSummary:
    """A table in short. `rows` is counted by a deep check only."""

    name: str
    columns: tuple[str, ...]
    rows: int | None = None


class Summary(NamedTuple):
    """What is recorded of a finding."""

    status: str
    flags: tuple[str, ...]
    is_drifted: bool
    version: int | None
    matches_version: int | None
    fingerprint: str
    tables: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """How a database is. `findings` are sentences."""

    status: Status
    flags: frozenset[Flag] = frozenset()
    version: int | None = None
    """What the database says, known to the registry or not."""
    fingerprint: str = ""
    matches_version: int | None = None
    """The version whose schema it has, whatever it says."""
    tables: tuple[TableSummary, ...] = ()
    findings: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    """To the version that it says."""

    @cached_property
    def summary(self) -> Summary:
        """The same in short; one object, however many files have this finding."""
        return Summary(
            self.status, tuple(sorted(self.flags)), Flag.DRIFTED in self.flags, self.version, self.matches_version,
            self.fingerprint, tuple(table.name for table in self.tables), self.findings,
        )  # fmt: skip


# Most files of a fleet have the same schema and metadata as others.
_judged: dict[tuple[int, Metadata | NoMetadata, int], tuple[Schema, Registry, Finding]] = {}


def examine(path: Path, registry: Registry, *, deep: bool = False, timeout: float = BUSY_SECONDS) -> Finding:
    """Look at one file. Whatever is wrong with it is a status, not an exception.

    A look reads a few pages; `deep` reads all of them, checks rules, references and full text, and counts rows.
    `timeout` is how long a lock of another process is waited for, in seconds.
    """
    try:
        size = require_regular_file(path).st_size
        with translated(path), closing(open_database(path, timeout=timeout)) as connection:
            connection.execute("BEGIN")
            schema = read_schema(connection, path)
            finding = judge(schema, read_metadata(connection, schema), registry)
            if size == 0 and finding.status == Status.UNVERSIONED:
                finding = replace(finding, findings=("The file is empty (0 bytes).",))
            return _with_damage(finding, _damage(connection, schema, path)) if deep else finding
    except (BusyError, UnreadableError, DiskFullError) as error:
        return Finding(Status.UNREADABLE, findings=(str(error),))
    except CorruptError as error:
        return Finding(Status.CORRUPT, findings=(str(error),))


def judge(schema: Schema, metadata: Metadata | NoMetadata, registry: Registry) -> Finding:
    """The status and flags that follow from what was read; for whoever reads it in another way, too.

    The finding of files that are alike is one object.
    """
    # By identity: schemas whose columns have another order are equal. Each is kept, or another could get its identity.
    key = (id(schema), metadata, id(registry))
    if known := _judged.get(key):
        return known[-1]
    if len(_judged) >= MOST_REMEMBERED:
        _judged.clear()
    finding = _judge(schema, metadata, registry)
    _judged[key] = schema, registry, finding
    return finding


def _judge(schema: Schema, metadata: Metadata | NoMetadata, registry: Registry) -> Finding:
    finding = Finding(
        status=Status.UNVERSIONED,
        fingerprint=schema.fingerprint(),
        matches_version=registry.version_of(schema.fingerprint()),
        tables=tuple(TableSummary(table.name, table.column_names) for table in schema.tables.values()),
    )
    if isinstance(metadata, NoMetadata):
        return replace(finding, findings=(metadata.reason,))
    finding = replace(finding, version=metadata.version)
    if metadata.version not in registry.versions:
        sentence = f"The database says version {metadata.version}; the registry has 1 to {registry.latest}."
        return replace(finding, status=Status.UNKNOWN_VERSION, findings=(sentence,))
    expected = registry.schema(metadata.version)
    differences = compare(schema, expected)
    return replace(
        finding,
        status=_status(metadata.version, differences, registry),
        flags=frozenset(_flags(schema, expected, differences, metadata, registry)),
        findings=tuple(difference.sentence for difference in differences),
        differences=differences,
    )


def read_schema(connection: sqlite3.Connection, path: Path) -> Schema:
    """The schema of an open file; raises FleetError, of which SqlError for stored text that only SQLite understands.

    The first statement also loads it: whatever SQLite then complains of, it is not our SQL.
    """
    try:
        return inspect(connection)
    except sqlite3.DatabaseError as error:
        raise translate(error, path) or CorruptError(f"{path} has no readable schema: {error}.") from error


def _status(version: int, differences: tuple[Difference, ...], registry: Registry) -> Status:
    if any(difference.kind != "extra" for difference in differences):
        return Status.INCOMPLETE
    return Status.CURRENT if version == registry.latest else Status.OUTDATED


def _flags(
    schema: Schema, expected: Schema, differences: tuple[Difference, ...], metadata: Metadata, registry: Registry
) -> Iterator[Flag]:
    if differences:
        yield Flag.DRIFTED
    if metadata.checksum != registry.fingerprint(metadata.version):
        yield Flag.CHECKSUM_MISMATCH
    if column_order_differs(schema, expected):
        yield Flag.COLUMN_ORDER


def _damage(connection: sqlite3.Connection, schema: Schema, path: Path) -> Damage:
    """What a deep check finds; pages it cannot read are what it finds, too."""
    try:
        with translated(path):
            return check_deeply(connection, schema)
    except CorruptError as error:
        return Damage(is_corrupt=True, sentences=[str(error)])
    except sqlite3.OperationalError as error:
        # An index or CHECK over a function that this process does not have.
        return Damage(sentences=[f"The deep check could not be finished: {error}."])


def _with_damage(finding: Finding, damage: Damage) -> Finding:
    return replace(
        finding,
        status=Status.CORRUPT if damage.is_corrupt else finding.status,
        flags=finding.flags | damage.flags,
        findings=(*damage.sentences, *finding.findings),
        tables=tuple(replace(table, rows=damage.rows.get(table.name)) for table in finding.tables),
    )
