"""The list of a fleet's databases: filtered, ordered, page by page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from dbadmin.api.listing import DatabaseList
from dbadmin.fleets import Fleet
from dbadmin.models import Health, SavedList
from dbadmin.pages.choose import FLAGS, PageFilter, page_filter, words_of_flags
from dbadmin.pages.frame import reading, render
from dbadmin.status import counts_of
from dbadmin.titles import titles_of
from nisam.lib.keyset import Page, Place, cut

ROWS = 50
ORDERS = {order.name: order for order in DatabaseList.orders}
SORTS = {"id": "id", "size": "largest first", "scannedAt": "read longest ago first"}


@reading
def listing(request: HttpRequest, fleet: Fleet) -> HttpResponse:
    """The databases that match, of which some or all can be chosen."""
    chosen = page_filter(fleet, request.GET)
    if not chosen.form.is_valid():
        return render(
            request, fleet, "list.html", "Databases", status=400, **_choices(fleet, request.GET, chosen), page=None
        )
    sort = request.GET.get("sort") or "id"
    if sort not in ORDERS:
        raise Http404
    try:
        page = _page(chosen, sort, request.GET.get("cursor", ""))
    except ValueError:
        # A cursor of another order, or one that somebody has changed: begin again.
        query = request.GET.copy()
        del query["cursor"]
        return redirect(f"{request.path}?{query.urlencode()}")
    titles = titles_of(row.database_id for row in page.rows)
    context = {
        **_choices(fleet, request.GET, chosen),
        "rows": [(row, titles.get(row.database_id, ""), words_of_flags(row)) for row in page.rows],
        "page": page,
        "number": chosen.qs.order_by().count(),
        "sort": sort,
        "after": page.after.encode() if page.after else "",
        "before": page.before.encode() if page.before else "",
    }
    return render(request, fleet, "list.html", "Databases", **context)


def _page(chosen: PageFilter, sort: str, cursor: str) -> Page:
    place = Place.decode(cursor) if cursor else None
    return cut(chosen.qs, ORDERS[sort], limit=ROWS, place=place)


def _choices(fleet: Fleet, typed: QueryDict, chosen: PageFilter) -> dict[str, Any]:
    """What the filter's form offers and has."""
    given = {name: value for name in PageFilter.base_filters if (value := typed.get(name, ""))}
    counts = counts_of(fleet.name)
    return {
        "form": chosen.form,
        "given": given,
        "healths": [(word.value, word.value.replace("_", " "), counts.health[word.value]) for word in Health],
        "versions": counts.by_version.items(),
        "flags": [(name, words, counts.flags.get(name, 0)) for name, words in FLAGS],
        "lists": SavedList.objects.filter(fleet=fleet.name).order_by("name"),
        "sorts": SORTS.items(),
        "targets": reversed(fleet.registry.versions),
    }
