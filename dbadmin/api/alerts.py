"""Alerts of drift and of failures."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dbadmin.alerts import acknowledge
from dbadmin.api.fleet import FLEET, fleet_of
from dbadmin.models import Alert
from nisam.lib.keyset import Order
from nisam.lib.listing import Listing
from nisam.lib.pagination import PARAMETERS
from nisam.lib.rendering import ReadSerializer
from nisam.lib.staff import StaffView


class AlertSerializer(ReadSerializer[Alert]):
    """An alert; open while acknowledgedAt is null."""

    databaseId = serializers.CharField(source="record.database_id")  # noqa: N815 - the API's name
    createdAt = serializers.DateTimeField(source="created_at")  # noqa: N815
    acknowledgedAt = serializers.DateTimeField(source="acknowledged_at", allow_null=True)  # noqa: N815
    acknowledgedBy = serializers.CharField(source="acknowledged_by")  # noqa: N815

    class Meta:
        model = Alert
        fields: Any = ("id", "databaseId", "kind", "message", "createdAt", "acknowledgedAt", "acknowledgedBy")


@extend_schema_view(get=extend_schema(parameters=[FLEET]))
class AlertList(StaffView, Listing):
    """GET /api/admin/databases/alerts: the open alerts of a fleet, the latest first."""

    serializer_class = AlertSerializer
    parameters = ("fleet", *PARAMETERS)
    orders = (Order("createdAt", "created_at", descending=True),)

    def get_queryset(self) -> QuerySet[Alert]:
        """Those of the fleet that the request names."""
        found = Alert.objects.filter(record__fleet=fleet_of(self.request).name, acknowledged_at=None)
        return found.select_related("record")


class AlertAcknowledge(StaffView):
    """POST /api/admin/databases/alerts/{id}/acknowledge."""

    @extend_schema(request=None, responses=AlertSerializer)
    def post(self, request: Request, alert_id: UUID) -> Response:
        """Take note of an alert; twice is no error, the first stays."""
        acknowledge(alert_id, by=request.user.get_username())
        alert = Alert.objects.select_related("record").filter(pk=alert_id).first()
        if alert is None:
            raise Http404
        return Response(AlertSerializer(alert).data)
