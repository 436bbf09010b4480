"""Filters of lists by query parameters: what cannot be used is a 400 that says what is taken."""

from datetime import UTC
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField

from nisam.lib.api_errors import BadParameterError

MOMENT = "a time in ISO 8601, such as 2026-01-31 or 2026-01-31T12:00:00Z"


class Filters(filters.DjangoFilterBackend):
    """Filters by query parameters; one that cannot be used is a 400 that says what it takes, never a silent default."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> Any:
        """Raises BadParameterError with the help text of the first filter that refuses its value."""
        filters_of = self.get_filterset_class(view, queryset)
        if filters_of is None or request.query_params.keys().isdisjoint(filters_of.base_filters):
            return queryset  # making a form for nothing costs as much as a query
        filterset = filters_of(request.query_params, queryset, request=request)
        if not filterset.is_valid():
            name = next(iter(filterset.errors))
            raise BadParameterError(name, str(filterset.filters[name].extra["help_text"]))
        return filterset.qs


class MomentField(IsoDateTimeField):
    """A time in ISO 8601 that has a year in UTC, as databases keep it."""

    def to_python(self, value: Any) -> Any:
        """In UTC. Raises ValidationError."""
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"]) from error


class MomentFilter(filters.IsoDateTimeFilter):
    """By such times."""

    field_class = MomentField
