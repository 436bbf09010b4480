"""Which databases a page shows, and which of them an operator means."""

from typing import Any

from django.http import QueryDict
from django_filters import rest_framework as filters

from dbadmin.api.filters import DatabaseFilter, listed
from dbadmin.batch.wish import BadWishError
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord, DatabaseRecordQuerySet
from dbadmin.selection import Selection
from dbadmin.states import Flag
from dbadmin.titles import ids_of

FLAGS = [(flag.value, flag.replace("_", " ")) for flag in Flag if flag != Flag.MISSING]
ALL = "all"


class PageFilter(DatabaseFilter):
    """The filters of the API's list, and those by flag, saved list, plan class and the video's title."""

    flag = filters.ChoiceFilter(choices=FLAGS, method="with_flag")
    list = filters.UUIDFilter(field_name="lists__id")
    plan = filters.CharFilter(field_name="plan_class", max_length=64)
    title = filters.CharFilter(method="with_title", max_length=200)

    def with_flag(self, databases: DatabaseRecordQuerySet, _name: str, value: str) -> DatabaseRecordQuerySet:
        """Those with the flag."""
        return databases.with_flag(value)

    def with_title(self, databases: DatabaseRecordQuerySet, _name: str, value: str) -> DatabaseRecordQuerySet:
        """Those of the videos that a search finds."""
        return databases.filter(database_id__in=ids_of(value))


def words_of_flags(record: DatabaseRecord) -> list[str]:
    """Its flags as the filter calls them."""
    return [flag.replace("_", " ") for flag in record.flags]


def page_filter(fleet: Fleet, given: QueryDict) -> PageFilter:
    """The filter of a page or a form."""
    return PageFilter(given, queryset=listed(fleet, given))


def selection_of(fleet: Fleet, given: QueryDict) -> Selection:
    """The databases that a form means: those ticked, or all that its filter finds. Raises BadWishError."""
    if given.get("scope") != ALL:
        ids = tuple(dict.fromkeys(given.getlist("ids")))
        if not ids:
            raise BadWishError("Nothing was selected: tick databases, or choose all that match.")
        return Selection(ids=ids)
    chosen = page_filter(fleet, given)
    if not chosen.form.is_valid():
        raise BadWishError(f"The filter makes no sense: {' '.join(_complaints(chosen))}")
    return _filtered(chosen)


def _filtered(chosen: PageFilter) -> Selection:
    wanted: dict[str, Any] = chosen.form.cleaned_data
    ids: tuple[str, ...] = ()
    if wanted["title"]:
        ids = tuple(chosen.qs.order_by("database_id").values_list("database_id", flat=True))
        if not ids:  # a selection without ids would mean all
            raise BadWishError("No database matches.")
    return Selection(
        ids=ids,
        status=wanted["status"],
        version=int(wanted["version"]) if wanted["version"] not in {"", "none"} else None,
        without_version=wanted["version"] == "none",
        flag=wanted["flag"],
        plan_class=wanted["plan"],
        search=wanted["search"],
        list_id=str(wanted["list"] or ""),
    )


def _complaints(chosen: PageFilter) -> list[str]:
    return [f"{name}: {error}" for name, errors in chosen.form.errors.items() for error in errors]
