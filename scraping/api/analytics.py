"""GET /api/automation/stats and /api/automation/analytics."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.lib import params
from nisam.lib.staff import StaffView
from scraping import analytics
from scraping.serializers import PERIODS, AnalyticsSerializer, StatsSerializer


class Stats(StaffView):
    """GET /api/automation/stats."""

    @extend_schema(responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        """What there is, and what the jobs that are kept came to; three statements."""
        return Response(StatsSerializer(analytics.totals(timezone.now())).data)


class Analytics(StaffView):
    """GET /api/automation/analytics."""

    parameters = ("period",)

    @extend_schema(
        parameters=[OpenApiParameter("period", enum=PERIODS, default=PERIODS[0], description="Days up to today.")],
        responses=AnalyticsSerializer,
    )
    def get(self, request: Request) -> Response:
        """What the jobs of each day came to, and how often each host was asked; as far back as jobs are kept."""
        period = params.one_of(request, "period", PERIODS, PERIODS[0])
        now, number = timezone.now(), int(period.removesuffix("d"))
        shown = {"period": period, "days": analytics.days(now, number), "hosts": analytics.hosts(now, number)}
        return Response(AnalyticsSerializer(shown).data)
