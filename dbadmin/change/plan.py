"""The plan of a change: what would be done to a file, what that loses, what stands in its way."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from dbadmin.change import full_text
from dbadmin.change.actions import Action
from dbadmin.change.damage import NO_DAMAGE, Damage, find_damage
from dbadmin.change.planner import Request, Structure, work_out
from dbadmin.change.trial import is_about_rows, try_out
from dbadmin.errors import UnknownVersionError
from dbadmin.metadata import NoMetadata, read_metadata
from dbadmin.schema.introspect import inspect, read_rows
from dbadmin.schema.model import METADATA_TABLE, Schema
from dbadmin.schema.registry import Registry


@dataclass(frozen=True)
class Plan:
    """The way of one file from `from_version` (None: it has none) to `to_version`.

    `losses` counts the rows or values of what goes for good, by name. `blocked` has the reasons why the plan cannot be
    carried out, each with how many rows it concerns (0: it is not about rows). `kept` names what the file has beyond
    its version and keeps. `result` is the stored text of the schema that it leads to.
    """

    from_version: int | None
    to_version: int
    actions: tuple[Action, ...] = ()
    losses: Mapping[str, int] = field(default_factory=dict)
    blocked: Mapping[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    result: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def sql(self) -> tuple[str, ...]:
        """Every statement, in order."""
        return tuple(statement for action in self.actions for statement in action.statements)

    @property
    def is_destructive(self) -> bool:
        """Whether it needs consent, because something is lost."""
        return bool(self.losses)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.actions and not self.blocked

    @cached_property
    def hash(self) -> str:
        """What consent is bound to: the actions and the losses, with their counts."""
        return _digest(self.plan_class, dict(self.losses))

    @cached_property
    def plan_class(self) -> str:
        """Equal for all files that need exactly these actions, whatever rows they have."""
        return _digest(self.from_version, self.to_version, [action.as_data() for action in self.actions])

    def as_data(self) -> dict[str, Any]:
        """The plan as JSON knows it."""
        return {
            "fromVersion": self.from_version,
            "toVersion": self.to_version,
            "hash": self.hash,
            "planClass": self.plan_class,
            "isDestructive": self.is_destructive,
            "isEmpty": self.is_empty,
            "actions": [action.as_data() for action in self.actions],
            "losses": dict(self.losses),
            "blocked": dict(self.blocked),
            "kept": list(self.kept),
        }


def make_plan(
    connection: sqlite3.Connection,
    registry: Registry,
    to_version: int | None = None,
    *,
    keep_extra: bool = True,
) -> Plan:
    """What would be done to the open file to bring it to `to_version` (None: the latest). Changes nothing.

    With `keep_extra` what the file has beyond its version stays; without, it goes and is counted among the losses.
    All of the file is read, to build damaged indexes again; whether rows fit is found out by doing the plan on a copy.
    Raises UnknownVersionError for a version that the registry does not have, the file's or the wanted one, SqlError
    for a schema that is not understood, CorruptError, and SQLite's errors.
    """
    with _one_moment(connection):
        damage = find_damage(connection)
        plan = outline(connection, registry, to_version, keep_extra=keep_extra, damage=damage)
        return tried(connection, plan)


def tried(connection: sqlite3.Connection, plan: Plan) -> Plan:
    """The outlined plan with what only doing it on a copy tells: what is in its way, and which values it changes."""
    if plan.blocked:
        return plan
    found = try_out(connection, plan.actions)
    return replace(plan, blocked=found.blocked, losses={**plan.losses, **found.changed})


def outline(
    connection: sqlite3.Connection,
    registry: Registry,
    to_version: int | None,
    *,
    keep_extra: bool,
    damage: Damage = NO_DAMAGE,
) -> Plan:
    """The plan without knowing whether the rows fit, which values change, nor of other damage than `damage`.

    Raises like make_plan.
    """
    end = registry.latest if to_version is None else to_version
    registry.fingerprint(end)  # raises where there is no such version
    schema = inspect(connection)
    metadata = read_metadata(connection, schema)
    if isinstance(metadata, NoMetadata):
        start, checksum = registry.version_of(schema.fingerprint()), ""
        if start is None and not _is_empty(schema):
            words = f"{metadata.reason} Its schema is no version's either: nobody knows what it should be."
            return Plan(None, end, blocked={words: 0})
    else:
        start, checksum = metadata.version, metadata.checksum
        if start not in registry.versions:
            raise UnknownVersionError(
                f"The database says version {start}; the registry has 1 to {registry.latest}. It is left as it is."
            )
    has_metadata = not isinstance(metadata, NoMetadata)
    damage = replace(damage, full_text=damage.full_text | full_text.unloadable(connection, schema))
    request = Request(start, end, keep_extra, has_metadata, checksum, damage)
    structure = work_out(read_rows(connection), registry, request)
    if structure.problem:
        return Plan(start, end, blocked={structure.problem: 0})
    try:
        losses = _count(connection, structure)
    except sqlite3.Error as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CORRUPT_VTAB and not is_about_rows(error):
            raise
        return Plan(start, end, blocked={f"What would be lost cannot be counted: {error}": 0})
    return Plan(start, end, structure.actions, losses, kept=structure.kept, result=structure.result)


def _is_empty(schema: Schema) -> bool:
    """Whether the file has nothing but, at most, the metadata table."""
    return set(schema.tables) <= {METADATA_TABLE} and not schema.views


def _count(connection: sqlite3.Connection, structure: Structure) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for loss in structure.losses:  # a table may be called as a column of another is here
        counts[loss.name] += connection.execute(loss.query).fetchone()[0]
    return dict(+counts)


@contextmanager
def _one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything inside sees the file as it is at one moment."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
