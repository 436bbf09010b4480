"""Which fleet a request is about, and which of its databases."""

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from dbadmin.fleets import BUILT_IN, Fleet, get_fleet
from dbadmin.models import DatabaseRecord
from nisam.lib import params

FLEET = OpenApiParameter(
    "fleet", {"type": "string", "enum": sorted(settings.FLEETS), "default": BUILT_IN}, description="Which fleet."
)


def fleet_of(request: Request) -> Fleet:
    """The fleet of the parameter `fleet`. Raises BadParameterError."""
    return get_fleet(params.one_of(request, "fleet", sorted(settings.FLEETS), BUILT_IN))


def find_record(fleet: Fleet, database_id: str) -> DatabaseRecord:
    """The row of a database, or 404. No path is ever made of an id that has none."""
    record = DatabaseRecord.objects.of(fleet.name).filter(database_id=database_id).first()
    if record is None:
        raise Http404
    return record
