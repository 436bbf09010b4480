"""Scanning and changing databases: every verb starts a job."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from dbadmin.api.body_serializers import (
    BatchStartedSerializer,
    ChangeBody,
    OneChangeBody,
    RollbackBody,
    SalvageBody,
    SelectionBody,
)
from dbadmin.api.fleet import find_record
from dbadmin.batch.start import BeingChangedError, start_change
from dbadmin.batch.wish import Wish
from dbadmin.fleets import Fleet
from dbadmin.models import What
from dbadmin.scan.start import start_look, start_scan
from dbadmin.selection import Selection
from nisam.jobs.start import Started
from nisam.lib.api_errors import ConflictError, UnprocessableError
from nisam.lib.errors import OperationError
from nisam.lib.schema import errors
from nisam.lib.staff import StaffView

_RUNNING = "JOB_RUNNING"
_ANSWERS = {202: BatchStartedSerializer, **errors(409, 422)}


class Scan(StaffView):
    """POST /api/admin/databases/scan."""

    @extend_schema(request=SelectionBody, responses={202: BatchStartedSerializer, **errors(422)})
    def post(self, request: Request) -> Response:
        """Look for what is new or changed, or read the selected databases anew; a scan that runs is joined."""
        body = SelectionBody(data=request.data)
        body.is_valid(raise_exception=True)
        selection, asked_by = body.selection(), request.user.get_username()
        if selection == Selection():
            return accepted(start_scan(body.fleet_meant(), requested_by=asked_by))
        try:
            return accepted(start_look(body.fleet_meant(), selection, requested_by=asked_by))
        except OperationError as error:
            raise UnprocessableError(error) from error


class _Change(StaffView):
    what: ClassVar[What]

    def change(self, request: Request, fleet: Fleet, wish: Wish) -> Response:
        """202 with the job; 409 with the job that does it already, or something else to the same database."""
        try:
            started = start_change(fleet, wish, requested_by=request.user.get_username())
        except BeingChangedError as error:
            raise ConflictError(str(error), _RUNNING, jobId=str(error.job.pk)) from error
        except OperationError as error:
            raise UnprocessableError(error) from error
        if not started.created:
            raise ConflictError("That is being done already.", _RUNNING, jobId=str(started.job.pk))
        return accepted(started)


class _ManyChange(_Change):
    def post(self, request: Request) -> Response:
        """Change the selected databases, in batches; with dryRun only plan it."""
        body = ChangeBody(data=request.data)
        body.is_valid(raise_exception=True)
        return self.change(request, body.fleet_meant(), body.wish(self.what))


class Repair(_ManyChange):
    """POST /api/admin/databases/repair."""

    what = What.REPAIR

    @extend_schema(operation_id="admin_databases_repair_many", request=ChangeBody, responses=_ANSWERS)
    def post(self, request: Request) -> Response:
        """Bring the selected databases to the current schema; with dryRun only plan it."""
        return super().post(request)


class Migrate(_ManyChange):
    """POST /api/admin/databases/migrate."""

    what = What.MIGRATE

    @extend_schema(operation_id="admin_databases_migrate_many", request=ChangeBody, responses=_ANSWERS)
    def post(self, request: Request) -> Response:
        """Bring the selected databases to a version, up or down; with dryRun only plan it."""
        return super().post(request)


class _OneChange(_Change):
    body: ClassVar[Any] = OneChangeBody

    def post(self, request: Request, database_id: str) -> Response:
        """Change one database; with dryRun only plan it."""
        body = self.body(data=request.data)
        body.is_valid(raise_exception=True)
        fleet = body.fleet_meant()
        record = find_record(fleet, database_id)
        return self.change(request, fleet, body.wish(self.what, record.database_id))


class RepairOne(_OneChange):
    """POST /api/admin/databases/{id}/repair."""

    what = What.REPAIR

    @extend_schema(request=OneChangeBody, responses=_ANSWERS)
    def post(self, request: Request, database_id: str) -> Response:
        """Bring one database to the current schema."""
        return super().post(request, database_id)


class MigrateOne(_OneChange):
    """POST /api/admin/databases/{id}/migrate."""

    what = What.MIGRATE

    @extend_schema(request=OneChangeBody, responses=_ANSWERS)
    def post(self, request: Request, database_id: str) -> Response:
        """Bring one database to a version, up or down."""
        return super().post(request, database_id)


class RollbackOne(_OneChange):
    """POST /api/admin/databases/{id}/rollback."""

    what, body = What.ROLLBACK, RollbackBody

    @extend_schema(request=RollbackBody, responses=_ANSWERS)
    def post(self, request: Request, database_id: str) -> Response:
        """Bring one of its snapshots back; refused where rows written since would be lost, unless that is agreed to."""
        return super().post(request, database_id)


class SalvageOne(_OneChange):
    """POST /api/admin/databases/{id}/salvage."""

    what, body = What.SALVAGE, SalvageBody

    @extend_schema(request=SalvageBody, responses=_ANSWERS)
    def post(self, request: Request, database_id: str) -> Response:
        """Read what can be read of a corrupt database into a sound one; the original goes to quarantine."""
        return super().post(request, database_id)


def accepted(started: Started) -> Response:
    """202 with the job."""
    data = {"jobId": started.job.pk, "status": started.job.status}
    return Response(data, status=status.HTTP_202_ACCEPTED)
