"""How a fleet is."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dbadmin.api.fleet import FLEET, fleet_of
from dbadmin.scan.start import start_scan
from dbadmin.serializers import StatusSerializer
from dbadmin.status import as_data, status_of
from nisam.lib import params
from nisam.lib.staff import StaffView

_REFRESH = OpenApiParameter("refresh", bool, description="Also scan, or join the scan that runs; its id is jobId.")


class FleetStatus(StaffView):
    """GET /api/admin/databases/status."""

    parameters = ("fleet", "refresh")

    @extend_schema(parameters=[FLEET, _REFRESH], responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        """Counts by version and state, at once; they are of the last scan, and `refresh` starts the next."""
        fleet = fleet_of(request)
        if params.truth(request, "refresh"):
            start_scan(fleet, requested_by=request.user.get_username())
        return Response(as_data(status_of(fleet.name)))
