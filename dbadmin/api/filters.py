"""The filters of lists of databases."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django_filters import rest_framework as filters

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord, DatabaseRecordQuerySet, Health


def listed(fleet: Fleet, given: QueryDict) -> DatabaseRecordQuerySet:
    """What a fleet's filters choose from, with those whose file is gone only where a status may ask for them.

    So what is listed and counted is what a selection by the same filters is about.
    """
    records = DatabaseRecord.objects.of(fleet.name)
    return records if given.get("status") else records.present()


class VersionFilter(filters.Filter):
    """A declared version, or `none`."""

    field_class = forms.RegexField

    def __init__(self) -> None:
        # As many digits as an integer of SQLite may have: a file may say any.
        super().__init__(regex=r"^(none|-?[0-9]{1,19})$", max_length=20, help_text="a version's number, or none")

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The databases that declare it."""
        return qs.filter(version=None if value == "none" else int(value)) if value else qs


class DatabaseFilter(filters.FilterSet):
    """Every filter of GET /api/admin/databases/list."""

    status = filters.ChoiceFilter(
        choices=Health.choices, method="with_health", help_text=f"one of {', '.join(Health.values)}"
    )
    version = VersionFilter()
    search = filters.CharFilter(
        method="with_prefix",
        max_length=200,
        help_text="the beginning of an id, of at most 200 characters",
    )

    class Meta:
        model = DatabaseRecord
        fields: tuple[str, ...] = ()

    def with_health(self, databases: DatabaseRecordQuerySet, _name: str, value: str) -> DatabaseRecordQuerySet:
        """Those in this state."""
        return databases.with_health(value)

    def with_prefix(self, databases: DatabaseRecordQuerySet, _name: str, value: str) -> DatabaseRecordQuerySet:
        """Those whose id begins so."""
        return databases.with_prefix(value)
