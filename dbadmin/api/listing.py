"""The databases of a fleet, page by page."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from dbadmin.api.filters import DatabaseFilter, listed
from dbadmin.api.fleet import FLEET, fleet_of
from dbadmin.models import DatabaseRecordQuerySet
from dbadmin.serializers import DatabaseSerializer
from nisam.lib.keyset import Order
from nisam.lib.listing import Listing
from nisam.lib.pagination import PARAMETERS
from nisam.lib.staff import StaffView


@extend_schema_view(get=extend_schema(parameters=[FLEET]))
class DatabaseList(StaffView, Listing):
    """GET /api/admin/databases/list: the databases of a fleet as they were when they were last read."""

    serializer_class = DatabaseSerializer
    filterset_class = DatabaseFilter
    parameters = ("fleet", "sort", *DatabaseFilter.base_filters, *PARAMETERS)
    orders = (
        Order("id", "database_id"),
        Order("size", "size", descending=True),
        Order("scannedAt", "scanned_at"),
    )

    def get_queryset(self) -> DatabaseRecordQuerySet:
        """Those of the fleet that the request names."""
        return listed(fleet_of(self.request), self.request.query_params)
