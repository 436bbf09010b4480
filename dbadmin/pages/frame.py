"""What every page of a fleet has: who may see it, which fleet, which template."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from dbadmin.errors import UnknownFleetError
from dbadmin.fleets import BUILT_IN, Fleet, get_fleet
from dbadmin.models import DatabaseRecord

View = Callable[..., HttpResponse]
MAY_SEE, MAY_CHANGE = "dbadmin.view_databaserecord", "dbadmin.change_databaserecord"


def reading(view: View) -> View:
    """A page about a fleet, for staff who may see its databases; 404 where there is no such fleet."""
    return require_safe(_about_fleet(view, MAY_SEE))


def writing(view: View) -> View:
    """What starts or changes something, for staff who may change databases."""
    return require_POST(_about_fleet(view, MAY_CHANGE))


def _about_fleet(view: View, permission: str) -> View:
    @wraps(view)
    def page(request: HttpRequest, fleet_name: str = BUILT_IN, **parts: Any) -> HttpResponse:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        try:
            fleet = get_fleet(fleet_name)
        except UnknownFleetError as error:
            raise Http404(str(error)) from error
        return view(request, fleet, **parts)

    return admin.site.admin_view(page)


def render(
    request: HttpRequest, fleet: Fleet, template: str, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page in the frame of the admin; `template` is a name below templates/admin/databases."""
    shown = {
        **admin.site.each_context(request),
        "title": title,
        "fleet": fleet,
        "fleets": sorted(settings.FLEETS),
        "may_change": request.user.has_perm(MAY_CHANGE),
        **context,
    }
    return TemplateResponse(request, f"admin/databases/{template}", shown, status=status)


def record_of(fleet: Fleet, database_id: str) -> DatabaseRecord:
    """The row of a database, or 404. No path is ever made of an id that has none."""
    return get_object_or_404(DatabaseRecord, fleet=fleet.name, database_id=database_id)
