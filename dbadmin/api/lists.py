"""Saved lists of databases: making them, and taking them along."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from dbadmin.api.fleet import FLEET, fleet_of
from dbadmin.api.list_files import FORMS
from dbadmin.api.list_serializers import ExportedSerializer, ImportBody, ImportedSerializer, SavedListSerializer
from dbadmin.lists import ListExistsError, save_ids
from dbadmin.models import SavedList
from nisam.lib import params
from nisam.lib.api_errors import ConflictError
from nisam.lib.keyset import Order
from nisam.lib.listing import Listing
from nisam.lib.pagination import PARAMETERS
from nisam.lib.schema import errors
from nisam.lib.staff import StaffView
from nisam.lib.streaming import streamed

_FORMAT = OpenApiParameter("format", {"type": "string", "enum": list(FORMS), "default": "json"})


class SavedLists(StaffView, Listing):
    """GET and POST /api/admin/databases/lists."""

    serializer_class = SavedListSerializer
    parameters = ("fleet", *PARAMETERS)
    orders = (Order("name", "name"),)

    def get_queryset(self) -> QuerySet[SavedList]:
        """Those of the fleet that the request names."""
        return SavedList.objects.filter(fleet=fleet_of(self.request).name).annotate(number=Count("databases"))

    @extend_schema(parameters=[FLEET])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The saved lists, by name."""
        return super().get(request, *args, **kwargs)

    @extend_schema(request=ImportBody, responses={201: ImportedSerializer, **errors(409)})
    def post(self, request: Request) -> Response:
        """Save ids as a list: says which were found, unknown, and named twice; 409 for a name that is taken."""
        body = ImportBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        try:
            came = save_ids(given["fleet"], given["name"], given["ids"], created_by=request.user.get_username())
        except ListExistsError as error:
            raise ConflictError(str(error), error.code.upper()) from error
        data = {"id": came.saved.pk, "name": came.saved.name, "found": came.found}
        return Response({**data, "unknown": came.unknown, "duplicate": came.duplicate}, status=status.HTTP_201_CREATED)


class SavedListExport(StaffView):
    """GET /api/admin/databases/lists/{id}/export."""

    parameters = ("format",)

    @extend_schema(
        parameters=[_FORMAT],
        responses={
            (200, "application/json"): ExportedSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, list_id: UUID) -> StreamingHttpResponse:
        """All databases of a list as they were when they were last read, as JSON or CSV, sent while they are read."""
        wanted = params.one_of(request, "format", list(FORMS), "json")
        saved = SavedList.objects.filter(pk=list_id).first()
        if saved is None:
            raise Http404
        content_type, written = FORMS[wanted]
        return streamed(request, written(saved), content_type=content_type, filename=f"list-{saved.pk}.{wanted}")
