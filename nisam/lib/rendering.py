"""JSON of lists, fast: serializers say the names, orjson writes the values as they are."""

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import orjson
from django.db.models import Model
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer

Row = TypeVar("Row", bound=Model)
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson: times in UTC with Z, UUIDs as text."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:  # noqa: ARG002 - DRF's signature
        """The bytes of a body; none where there is no data."""
        return b"" if data is None and _has_no_body(renderer_context) else orjson.dumps(data, _as_text, _OPTIONS)


def _has_no_body(context: Mapping[str, Any] | None) -> bool:
    return bool(context) and context["response"].status_code in {204, 304}  # type: ignore[index]


def _as_text(value: Any) -> str:
    """Translated texts, decimals: what orjson does not know."""
    return str(value)


class ShownSerializer(serializers.ModelSerializer[Row]):
    """A serializer whose fields are all read-only and always there, which the schema says too."""

    def get_fields(self) -> dict[str, Any]:
        """The fields, marked for what they are."""
        fields = super().get_fields()
        for field in fields.values():
            field.read_only, field.required = True, False
        return fields


class ReadSerializer(ShownSerializer[Row]):
    """A serializer that only reads, several times as fast: a field's value goes to the renderer as the row has it.

    Right for fields whose values JSON knows (text, numbers, times, UUIDs, lists), for methods, and for serializers of
    this kind with the source "*", which read the same row.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The row in the API's names."""
        return {name: read(instance) for name, read in _readers(type(self))}


@cache
def _readers(serializer_class: type[ReadSerializer[Any]]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    serializer = serializer_class()
    return tuple((name, _reader(serializer, field)) for name, field in serializer.fields.items())


def _reader(serializer: ReadSerializer[Any], field: Any) -> Callable[[Any], Any]:
    if isinstance(field, serializers.SerializerMethodField):
        return getattr(serializer, str(field.method_name))  # type: ignore[no-any-return]
    if isinstance(field, ReadSerializer):
        return field.to_representation
    return attrgetter(field.source)
