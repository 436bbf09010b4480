"""Saved lists of databases: made of a selection or of ids that somebody pastes."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from dbadmin.api.body_serializers import MOST_IDS
from dbadmin.batch.wish import BadWishError
from dbadmin.fleets import Fleet
from dbadmin.lists import save_ids, save_records
from dbadmin.models import SavedList
from dbadmin.pages.changes import back
from dbadmin.pages.choose import selection_of
from dbadmin.pages.frame import reading, render, writing
from nisam.lib.errors import OperationError

LONGEST_NAME = 100


@reading
def saved_lists(request: HttpRequest, fleet: Fleet) -> HttpResponse:
    """The lists of a fleet, by name."""
    lists = SavedList.objects.filter(fleet=fleet.name).annotate(number=Count("databases")).order_by("name")
    return render(request, fleet, "lists.html", "Saved lists", lists=lists)


@writing
def save_list(request: HttpRequest, fleet: Fleet) -> HttpResponse:
    """Save what was chosen, or pasted, under a name."""
    created_by = request.user.get_username()
    try:
        name = _name(request)
        if "pasted" in request.POST:
            _say(request, fleet, name, created_by)
        else:
            records = selection_of(fleet, request.POST).records(fleet.name)
            saved = save_records(fleet.name, name, records, created_by=created_by)
            messages.success(request, f"{saved.databases.count()} databases are saved as {name!r}.")
    except OperationError as error:
        return back(request, fleet, error)
    return redirect("fleet_lists", fleet.name)


def _say(request: HttpRequest, fleet: Fleet, name: str, created_by: str) -> None:
    # No id has a NUL, and no database takes one.
    ids = request.POST["pasted"].replace(",", " ").replace("\x00", " ").split()[: MOST_IDS + 1]
    if not ids or len(ids) > MOST_IDS:
        raise BadWishError(f"Paste the ids of 1 to {MOST_IDS:,} databases, with spaces, commas or lines between them.")
    came = save_ids(fleet.name, name, ids, created_by=created_by)
    words = f"{came.found} databases are saved as {name!r}; {len(came.duplicate)} were named twice"
    if came.unknown:
        shown = ", ".join(came.unknown[:5])
        messages.warning(request, f"{words}; the fleet has no {len(came.unknown)} of them: {shown}.")
    else:
        messages.success(request, f"{words}.")


def _name(request: HttpRequest) -> str:
    name = request.POST.get("name", "").strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadWishError(f"Give the list a name of at most {LONGEST_NAME} characters, on one line.")
    return name
