"""One database: its row and history, its schema, and how that differs."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dbadmin.api.body_serializers import LONGEST_ID
from dbadmin.api.detail_serializers import DatabaseDetailSerializer, DifferencesSerializer, SchemaSerializer
from dbadmin.api.fleet import FLEET, find_record, fleet_of
from dbadmin.describe import differences_to_other, differences_to_version, schema_data, schema_of
from dbadmin.errors import FleetError
from nisam.lib import params
from nisam.lib.api_errors import BadParameterError, UnprocessableError
from nisam.lib.schema import errors
from nisam.lib.staff import StaffView

_AGAINST = OpenApiParameter(
    "against", {"type": "string", "maxLength": LONGEST_ID}, description="The id of another database."
)
_VERSION = OpenApiParameter(
    "version", {"type": "integer", "minimum": 1, "maximum": 9999}, description="A version; its own if absent."
)


class DatabaseDetail(StaffView):
    """GET /api/admin/databases/{id}."""

    parameters = ("fleet",)

    @extend_schema(parameters=[FLEET], responses=DatabaseDetailSerializer)
    def get(self, request: Request, database_id: str) -> Response:
        """A database as it was when it was last read, with what was done to it."""
        return Response(DatabaseDetailSerializer(find_record(fleet_of(request), database_id)).data)


class DatabaseSchema(StaffView):
    """GET /api/admin/databases/{id}/schema."""

    parameters = ("fleet",)

    @extend_schema(parameters=[FLEET], responses={200: SchemaSerializer, **errors(422)})
    def get(self, request: Request, database_id: str) -> Response:
        """What its file has now: tables, columns, indexes, triggers, views; 422 when it cannot be read."""
        fleet = fleet_of(request)
        record = find_record(fleet, database_id)
        schema = readable(lambda: schema_data(schema_of(fleet.path_of(record.database_id))))
        return Response({"id": record.database_id, "version": record.version, **schema})


class DatabaseDiff(StaffView):
    """GET /api/admin/databases/{id}/diff."""

    parameters = ("fleet", "against", "version")

    @extend_schema(parameters=[FLEET, _AGAINST, _VERSION], responses={200: DifferencesSerializer, **errors(422)})
    def get(self, request: Request, database_id: str) -> Response:
        """How its schema differs from its version's, another version's or another database's; 422: cannot be read."""
        fleet = fleet_of(request)
        record = find_record(fleet, database_id)
        against = params.text(request, "against", longest=LONGEST_ID)
        if not against:
            version = params.whole(request, "version", default=0, minimum=1, maximum=9999) or None
            return Response(readable(lambda: differences_to_version(fleet, database_id, version or record.version)))
        if "version" in request.query_params:
            raise BadParameterError("version", "nothing beside against")
        other = find_record(fleet, against)
        return Response(readable(lambda: differences_to_other(fleet, database_id, other.database_id)))


def readable(look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a look at a file finds; 422 says why there is nothing to be found."""
    try:
        return look()
    except FleetError as error:
        raise UnprocessableError(error) from error
