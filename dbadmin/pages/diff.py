"""The page that shows a database beside what it should be, or beside another one."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

from django.http import HttpRequest, HttpResponse

from dbadmin.change.plan import Plan, outline
from dbadmin.describe import printable, schema_of
from dbadmin.errors import FleetError
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.opening import open_database, translated
from dbadmin.pages.frame import reading, record_of, render
from dbadmin.schema.diff import Difference, compare
from dbadmin.schema.model import Schema
from dbadmin.side_by_side import side_by_side

LONGEST_NUMBER = 9


@reading
def diff(request: HttpRequest, fleet: Fleet, database_id: str) -> HttpResponse:
    """A database against its version, another version, or another database; and the SQL of the way there."""
    record = record_of(fleet, database_id)
    against, wanted = request.GET.get("against", "").strip(), request.GET.get("version", "")
    version = (
        int(wanted)
        if wanted.isdecimal() and len(wanted) <= LONGEST_NUMBER
        else record.version or record.matches_version
    )
    context: dict[str, Any] = {
        "record": record,
        "against": against,
        "version": None if against else version,
        "versions": reversed(fleet.registry.versions),
        "latest": fleet.registry.latest,
        "other_name": against or (f"version {version}" if version else "no version"),
    }
    try:
        context |= _beside(fleet, record, against) if against else _to_version(fleet, record, version)
    except FleetError as error:
        context["problem"] = str(error)
    return render(request, fleet, "diff.html", "Compare", subtitle=record.database_id, **context)


def _beside(fleet: Fleet, record: DatabaseRecord, against: str) -> dict[str, Any]:
    fleet.path_of(against)  # raises for what cannot be an id
    other = DatabaseRecord.objects.of(fleet.name).filter(database_id=against).first()
    if other is None:
        return {"problem": f"The fleet has no {against}, as of its last scan."}
    left, right = (schema_of(fleet.path_of(one.database_id)) for one in (record, other))
    return _compared(left, right, lambda one: one.to_other(other.database_id))


def _to_version(fleet: Fleet, record: DatabaseRecord, version: int | None) -> dict[str, Any]:
    if version is None:
        return {"problem": "It does not say its version: choose one to compare it with."}
    left = schema_of(fleet.path_of(record.database_id))
    found = _compared(left, fleet.registry.schema(version), lambda one: one.to_version(f"version {version}"))
    try:
        return {**found, "plan": _outline(fleet, record.database_id, version)}
    except FleetError as error:
        return {**found, "no_plan": str(error)}


def _compared(left: Schema, right: Schema, sentence: Callable[[Difference], str]) -> dict[str, Any]:
    parts = side_by_side(left, right)
    return {
        "sentences": printable([sentence(one) for one in compare(left, right)]),
        "parts": [part for part in parts if part.mark],
        "alike": [part for part in parts if not part.mark],
    }


def _outline(fleet: Fleet, database_id: str, version: int) -> Plan:
    """The way to a version, without trying whether the rows fit: that is the dry run's."""
    path = fleet.path_of(database_id)
    with translated(path), closing(open_database(path)) as connection:
        connection.execute("BEGIN")
        return outline(connection, fleet.registry, version, keep_extra=True)
