"""Writing down what came of a change: its row, the database's row, counters and the event, in one step."""

from typing import Any

from django.utils import timezone

from dbadmin.alerts import alert_of_failure, close
from dbadmin.batch.carry_out import Done
from dbadmin.batch.failure import DAMAGE, Failure
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, DatabaseRecord, Outcome
from dbadmin.models.alert import Kind
from dbadmin.scan.read import Reading, read
from dbadmin.scan.store import keep_readings
from nisam.jobs.models import Level
from nisam.jobs.run import Run, Step


def keep(run: Run, fleet: Fleet, change: DatabaseChange, came: Done | Failure) -> None:
    """Write it down with how the file is now."""
    record = change.record
    record.refresh_from_db()  # a scan may have read it since the batch began, and found what only a deep check does
    is_damaged = isinstance(came, Failure) and came.code in DAMAGE
    reading = read(fleet, record.database_id, record, deep=is_damaged)
    _note(change, came, reading)
    with run.step() as step:
        if reading:
            keep_readings(fleet, [reading], {record.database_id: record})
        change.save()
        _note_error(record, came)
        _count(step, change, came)


def _note(change: DatabaseChange, came: Done | Failure, reading: Reading | None) -> None:
    change.finished_at = timezone.now()
    if isinstance(came, Failure):
        change.outcome = Outcome.FAILED
        change.error_code, change.error_message = came.code, came.message
        return
    change.outcome, change.error_code, change.error_message = came.outcome, "", ""
    change.snapshot, change.seconds, change.report = came.snapshot, came.seconds, came.report
    if came.plan:
        change.plan_hash, change.plan_class = came.plan.hash, came.plan.plan_class
        change.from_version, change.to_version = came.plan.from_version, came.plan.to_version
    elif reading:
        change.to_version = reading.found.version


def _note_error(record: DatabaseRecord, came: Done | Failure) -> None:
    """A database's row says whether its last change failed."""
    code, message = (came.code, came.message) if isinstance(came, Failure) else ("", "")
    if (record.error_code, record.error_message) != (code, message):
        DatabaseRecord.objects.filter(pk=record.pk).update(error_code=code, error_message=message)
    if code:
        alert_of_failure(record.pk, f"{record.database_id}: {message}")
    elif record.error_code:
        close([record.pk], Kind.FAILURE, by="changed since")


def _count(step: Step, change: DatabaseChange, came: Done | Failure) -> None:
    step.done = 1
    said: dict[str, Any] = {
        "databaseId": change.record.database_id,
        "outcome": change.outcome,
        "toVersion": change.to_version,
    }
    if isinstance(came, Failure):
        step.result = {"failed": {came.code: 1}}
        words = f"{change.record.database_id}: {came.message}"
        step.log("database_done", words, Level.ERROR, **said, code=came.code)
        return
    step.updated = int(came.outcome == Outcome.CHANGED)
    step.skipped = int(came.outcome == Outcome.UNCHANGED)
    version = "" if change.to_version is None else f", version {change.to_version}"
    step.log("database_done", f"{change.record.database_id}: {came.outcome}{version}", **said, snapshot=came.snapshot)
