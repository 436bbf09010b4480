"""Works out the actions that lead from a file's schema to a version's, by doing them on an empty twin of the file.

Nothing here reads rows, so that what is worked out for one file serves all files with the same schema.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from dbadmin.change import full_text, objects, tables
from dbadmin.change.actions import Action, Kind, Loss
from dbadmin.change.bench import Bench
from dbadmin.change.damage import Damage, reindex
from dbadmin.change.metadata import set_metadata
from dbadmin.change.twin import Twin
from dbadmin.schema.model import METADATA_TABLE, Schema
from dbadmin.schema.registry import Registry
from dbadmin.schema.rows import SchemaRow
from dbadmin.schema.steps import Step
from dbadmin.schema.tokens import quote

MOST_REMEMBERED = 256


@dataclass(frozen=True)
class Request:
    """What a plan is asked for. Equal requests for equal schemas have equal answers."""

    start: int | None
    """The version that the file has; None for a file without any table."""
    end: int
    keep_extra: bool
    has_metadata: bool
    checksum: str
    damage: Damage
    """What is to be mended before anything else."""


@dataclass(frozen=True)
class Structure:
    """The actions, what to count for the losses, and the stored text of the schema that results."""

    actions: tuple[Action, ...]
    losses: tuple[Loss, ...]
    kept: tuple[str, ...]
    result: Mapping[str, str]
    problem: str = ""
    """Why there is no way, in words."""


@lru_cache(MOST_REMEMBERED)
def work_out(rows: tuple[SchemaRow, ...], registry: Registry, request: Request) -> Structure:
    """The structure of a plan for a file with these rows of sqlite_schema."""
    try:
        with Twin(rows) as twin:
            return _plan(Bench(twin), registry, request)
    except sqlite3.Error as error:
        return Structure((), (), (), {}, f"SQLite refuses the change of the schema: {error}")
    except UnicodeEncodeError:
        return Structure((), (), (), {}, "The schema has a name that is not UTF-8, which no statement can say")


def _plan(bench: Bench, registry: Registry, request: Request) -> Structure:
    """Repair to the version that the file has, then go through the registry's steps."""
    start = request.end if request.start is None else request.start
    if not request.has_metadata and METADATA_TABLE in bench.schema().tables:
        _drop_metadata(bench, registry.schema(start))
    if request.keep_extra:
        bench.keep_extras(registry.schema(start))
    _mend(bench, request.damage)
    _converge(bench, registry, Step(start, start))
    for step in registry.steps(start, request.end):
        objects.drop_broken(bench)
        tables.rename(bench, step)
        _converge(bench, registry, step)
        objects.drop_broken(bench)
    _sign(bench, registry, request)
    return Structure(tuple(bench.actions), tuple(bench.origins.losses), bench.kept_names(), bench.twin.rows())


def _drop_metadata(bench: Bench, expected: Schema) -> None:
    """Drop metadata that do not say the version, to be made anew; what an operator has added to them is lost."""
    table = bench.schema().tables[METADATA_TABLE]
    bench.do(Action(Kind.DROP_TABLE, METADATA_TABLE, (f"DROP TABLE {quote(METADATA_TABLE)}",)))
    for name, column in table.columns.items():
        if name not in expected.tables[METADATA_TABLE].columns:
            bench.origins.drop_column(METADATA_TABLE, column, moved=False)
    bench.origins.drop_table(table, moved=True)


def _converge(bench: Bench, registry: Registry, step: Step) -> None:
    """Make the schema what it is after the step, but for what is kept."""
    expected = registry.schema(step.to_version)
    objects.drop(bench, expected)
    stale = tables.change(bench, expected, step) | objects.create(bench, expected)
    for statement in step.after:
        bench.do(Action(Kind.RUN_SQL, f"after v{step.to_version}", (statement,), table="*"))
    for name in sorted(stale):
        action = full_text.refresh(name)
        if not any(_is_same(action.statements[0], statement) for statement in step.after):
            bench.do(action)
    tables.drop(bench, expected, step)


def _mend(bench: Bench, damage: Damage) -> None:
    for name in sorted(damage.indexed):
        bench.do(reindex(name))
    with Twin([]) as fresh:
        for table in bench.schema().tables.values():
            if table.name in damage.full_text:
                fresh.run(Action(Kind.CREATE_VIRTUAL_TABLE, table.name, (table.sql,)))
                bench.do(full_text.reset(table, fresh))


def _sign(bench: Bench, registry: Registry, request: Request) -> None:
    checksum = registry.fingerprint(request.end)
    moves = request.start != request.end
    if bench.actions or moves or not request.has_metadata or request.checksum != checksum:
        bench.do(set_metadata(request.end, checksum, exists=request.has_metadata, moves=moves))


def _is_same(one: str, other: str) -> bool:
    """Whether two statements are the same but for quotes, case and spaces."""
    first, second = ("".join(statement.replace('"', "").lower().split()) for statement in (one, other))
    return first == second
