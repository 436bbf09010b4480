"""Doing a plan on a copy, to know how it ends and how long it takes."""

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dbadmin.change.apply import apply
from dbadmin.change.plan import Plan, make_plan
from dbadmin.change.snapshots import Snapshots
from dbadmin.copying import copy_database
from dbadmin.errors import FleetError
from dbadmin.opening import open_database, translated
from dbadmin.schema.registry import Registry


@dataclass(frozen=True)
class Rehearsal:
    """How the plan went on the copy, in `seconds`; `failure` is what stopped it."""

    plan: Plan
    seconds: float
    failure: FleetError | None = None


def rehearse(path: Path, registry: Registry, *, to_version: int | None = None, keep_extra: bool = True) -> Rehearsal:
    """Plan for the file, and apply to a copy that is thrown away. Raises what make_plan raises."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        copy = Path(folder) / path.parent.name / path.name
        copy.parent.mkdir()
        with translated(path), closing(open_database(path)) as source, closing(sqlite3.connect(copy)) as target:
            copy_database(source, target)
        with translated(path), closing(open_database(copy)) as connection:
            plan = make_plan(connection, registry, to_version, keep_extra=keep_extra)
        snapshots = Snapshots(Path(folder) / "snapshots")
        try:
            applied = apply(copy, registry, snapshots, to_version=to_version, consent=plan.hash)
        except FleetError as failure:
            return Rehearsal(plan, 0.0, failure)
    return Rehearsal(plan, applied.seconds)
