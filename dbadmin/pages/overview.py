"""The first page of a fleet."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dbadmin.dashboard import overview
from dbadmin.fleets import Fleet
from dbadmin.metrics import PERIODS
from dbadmin.pages.frame import reading, render

USUAL = "week"


@reading
def fleet_overview(request: HttpRequest, fleet: Fleet) -> HttpResponse:
    """How a fleet is, in a second."""
    period = request.GET.get("period", USUAL)
    if period not in PERIODS:
        period = USUAL
    context: dict[str, Any] = {
        "shown": overview(fleet, timezone.now(), period),
        "period": period,
        "periods": list(PERIODS),
        "targets": reversed(fleet.registry.versions),
    }
    return render(request, fleet, "overview.html", "Databases", **context)
