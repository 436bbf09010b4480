"""The page of one database."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dbadmin.change.errors import UnknownSnapshotError
from dbadmin.change.snapshots import Snapshots
from dbadmin.describe import printable, schema_data, schema_of
from dbadmin.errors import FleetError
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord, Outcome, What
from dbadmin.pages.choose import words_of_flags
from dbadmin.pages.frame import reading, record_of, render
from dbadmin.salvage.report import lacks_something
from dbadmin.titles import titles_of

HISTORY = 50


@reading
def database(request: HttpRequest, fleet: Fleet, database_id: str) -> HttpResponse:
    """How it was when it was last read, what it has now, what was done to it, and its snapshots."""
    record = record_of(fleet, database_id)
    schema, problem = (None, "") if record.missing_since else _schema(fleet, database_id)
    alerts = record.alerts.filter(acknowledged_at=None)
    context = {
        "record": record,
        "video_title": titles_of([database_id]).get(database_id, ""),
        "findings": printable(record.findings),
        "flags": words_of_flags(record),
        "schema": schema,
        "problem": problem,
        "history": record.changes.history()[:HISTORY],
        "snapshots": Snapshots(fleet.snapshots_folder).of(database_id),
        "alerts": list(alerts),
        "lacks_something": _lacks_something(record),
        "versions": reversed(fleet.registry.versions),
        "latest": fleet.registry.latest,
    }
    return render(request, fleet, "database.html", "Database", subtitle=database_id, **context)


def _lacks_something(record: DatabaseRecord) -> bool:
    """Whether it is what a salvage has left of it that could not recover everything."""
    latest = record.changes.history().filter(outcome=Outcome.CHANGED).first()
    return latest is not None and latest.what == What.SALVAGE and lacks_something(latest.report)


def _schema(fleet: Fleet, database_id: str) -> tuple[Any, str]:
    """What the file has now, or why that cannot be said."""
    try:
        return schema_data(schema_of(fleet.path_of(database_id))), ""
    except FleetError as error:
        return None, str(error)


@reading
def confirm_rollback(request: HttpRequest, fleet: Fleet, database_id: str) -> HttpResponse:
    """What bringing a snapshot back means, before it is done."""
    record = record_of(fleet, database_id)
    try:
        snapshot = Snapshots(fleet.snapshots_folder).get(request.GET.get("snapshot", ""))
    except UnknownSnapshotError as error:
        raise Http404(str(error)) from error
    if snapshot.database_id != database_id:
        raise Http404(f"The snapshot {snapshot.id} is of another database.")
    return render(request, fleet, "rollback.html", "Roll back", record=record, snapshot=snapshot)
