"""Figures about a fleet over a period."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dbadmin.api.fleet import FLEET, fleet_of
from dbadmin.api.metrics_serializers import MetricsSerializer
from dbadmin.metrics import PERIODS, metrics_of
from nisam.lib import params
from nisam.lib.staff import StaffView

_PERIOD = OpenApiParameter("period", {"type": "string", "enum": list(PERIODS), "default": "week"})


class Metrics(StaffView):
    """GET /api/admin/databases/metrics."""

    parameters = ("fleet", "period")

    @extend_schema(parameters=[FLEET, _PERIOD], responses=MetricsSerializer)
    def get(self, request: Request) -> Response:
        """Sizes, success by day, versions reached by day, durations, and what fails most."""
        period = params.one_of(request, "period", tuple(PERIODS), "week")
        return Response(metrics_of(fleet_of(request).name, timezone.now() - PERIODS[period]))
