"""Dry runs: the plan of each database, and in the job's result how many need exactly the same."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from dbadmin.batch.carry_out import plan_of
from dbadmin.batch.failure import DAMAGE, failure_of
from dbadmin.batch.wish import Wish
from dbadmin.change.plan import Plan
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, DatabaseRecord, Outcome
from dbadmin.scan.read import read
from dbadmin.scan.store import keep_readings
from nisam.jobs.result import summed
from nisam.jobs.run import Run

# Databases planned between two commits.
CHUNK = 50
_WRITTEN = [
    "outcome",
    "finished_at",
    "plan_hash",
    "plan_class",
    "from_version",
    "report",
    "error_code",
    "error_message",
]


def plan_batch(run: Run, fleet: Fleet, wish: Wish, changes: Sequence[DatabaseChange]) -> None:
    """Plan for each database; one that cannot be planned for is counted, which is what the dry run is to find out."""
    for begin in range(0, len(changes), CHUNK):
        _plan_chunk(run, fleet, wish, changes[begin : begin + CHUNK])


def _plan_chunk(run: Run, fleet: Fleet, wish: Wish, changes: Sequence[DatabaseChange]) -> None:
    result: dict[str, Any] = {}
    readings = []
    for place, change in enumerate(changes):
        run.progress(place)
        result = summed(result, _plan(fleet, wish, change))
        is_damaged = change.error_code in DAMAGE
        if is_damaged and (reading := read(fleet, change.record.database_id, change.record, deep=True)):
            readings.append(reading)
    with run.step() as step:
        DatabaseChange.objects.bulk_update(changes, _WRITTEN)
        # A scan may be writing them: both lock them in one order before they write, whatever the plans are.
        list(DatabaseRecord.objects.filter(pk__in=[change.record_id for change in changes]).locked().values_list("pk"))
        keep_readings(fleet, readings, {change.record.database_id: change.record for change in changes})
        for plan_class in {change.plan_class for change in changes if change.plan_class}:
            keys = [change.record_id for change in changes if change.plan_class == plan_class]
            DatabaseRecord.objects.filter(pk__in=keys).exclude(plan_class=plan_class).update(plan_class=plan_class)
        step.done = len(changes)
        step.updated, step.skipped = result.get("planned", 0), result.get("unchanged", 0)
        step.result = result


def _plan(fleet: Fleet, wish: Wish, change: DatabaseChange) -> dict[str, Any]:
    change.finished_at, change.error_code, change.error_message = timezone.now(), "", ""
    try:
        plan = plan_of(fleet, wish, change.record.database_id)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one file, the others are planned for
        failure = failure_of(change, error)
        change.outcome, change.error_code, change.error_message = Outcome.FAILED, failure.code, failure.message
        return {"failed": {failure.code: 1}}
    change.from_version, change.plan_hash, change.plan_class = plan.from_version, plan.hash, plan.plan_class
    change.outcome = Outcome.UNCHANGED if plan.is_empty else Outcome.PLANNED
    change.report = {"losses": _losses(plan), "blocked": dict(plan.blocked), "kept": list(plan.kept)}
    if plan.is_empty:
        return {"unchanged": 1}
    return {"blocked" if plan.blocked else "planned": 1, "classes": {plan.plan_class: _class(plan)}}


def _class(plan: Plan) -> dict[str, Any]:
    """What a database adds to the class of its plan: all that differs between databases are numbers."""
    losses = _losses(plan)
    return {
        "databases": 1,
        "blockedDatabases": int(bool(plan.blocked)),
        "destructive": int(bool(losses)),
        "blocked": dict(plan.blocked),
        "losses": losses,
        "versions": [plan.from_version, plan.to_version],
        "actions": [action.as_data() for action in plan.actions],
    }


def _losses(plan: Plan) -> dict[str, int]:
    """What it would lose: nothing where it is blocked, for then nothing is done."""
    return {} if plan.blocked else dict(plan.losses)
