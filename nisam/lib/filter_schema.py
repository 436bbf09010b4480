"""The query parameters by which a list is sorted and filtered, for the schema."""

from collections.abc import Sequence
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.plumbing import build_parameter_type
from drf_spectacular.utils import OpenApiParameter

from nisam.lib.keyset import Order

PLAIN = r"^[^\u0000]*$"
_FORMATS: dict[type[filters.Filter], str] = {filters.UUIDFilter: "uuid", filters.IsoDateTimeFilter: "date-time"}


def filter_parameters(view: Any) -> list[dict[str, Any]]:
    """`sort`, where a view has several orders, and each of its filters."""
    filterset: Any = getattr(view, "filterset_class", None)
    found = filterset.base_filters.items() if filterset else ()
    return _sort(getattr(view, "orders", ())) + [
        _parameter(name, _schema(one), one.extra["help_text"]) for name, one in found
    ]


def _sort(orders: Sequence[Order]) -> list[dict[str, Any]]:
    names = [order.name for order in orders]
    schema = {"type": "string", "enum": names}
    return [_parameter("sort", schema, f"what comes first; {names[0]} if absent")] if len(names) > 1 else []


def _schema(one: Any) -> dict[str, Any]:
    if "choices" in one.extra:
        return {"type": "string", "enum": [value for value, _ in one.extra["choices"]]}
    for kind, form in _FORMATS.items():
        if isinstance(one, kind):
            return {"type": "string", "format": form}
    return {"type": "string", "maxLength": one.extra["max_length"], "pattern": one.extra.get("regex", PLAIN)}


def _parameter(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    sentence = f"{words[0].upper()}{words[1:]}."
    return build_parameter_type(name=name, location=OpenApiParameter.QUERY, description=sentence, schema=schema)


def _filter(name: str, one: Any) -> dict[str, Any]:
    # What a form sends of a field that was left empty: no filter.
    return {**_parameter(name, _schema(one), one.extra["help_text"]), "allowEmptyValue": True}
