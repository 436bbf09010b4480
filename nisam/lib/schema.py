"""The OpenAPI schema of the API: what drf-spectacular finds out by itself, and what all our views have in common."""

import re
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import SAFE_METHODS, AllowAny

from nisam.lib.bodies import Body
from nisam.lib.fields import Text
from nisam.lib.filter_schema import PLAIN, filter_parameters

# What every parameter may be: no database takes a NUL.
KEY = {"type": "string", "minLength": 1, "pattern": r"^[^/\u0000]+$"}
UUID = {"type": "string", "format": "uuid"}
_NOT_BLANK = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"

_TEXT = {"type": "string"}
_RETRY = {"Retry-After": {"schema": {"type": "integer", "minimum": 0}, "description": "Seconds to wait."}}
_FRESH = {
    "X-Cache": {"schema": {**_TEXT, "enum": ["HIT", "MISS", "BYPASS"]}, "description": "Where the answer comes from."},
    "ETag": {"schema": _TEXT, "description": "Strong; give it back as If-None-Match to get a 304 while it is true."},
}
_PAGED = {
    "Link": {"schema": _TEXT, "description": 'Where the next page is (rel="next") and the previous (rel="prev").'},
    "X-Total-Count": {"schema": {"type": "integer", "minimum": 0}, "description": "With count=true: rows in all."},
}


class ErrorSerializer(serializers.Serializer[Any]):
    """The body of every answer that is an error."""

    error = serializers.CharField(help_text="What is wrong, in a sentence.")
    code = serializers.CharField(help_text="What is wrong, in a word for programs, such as BAD_PARAMETER.")
    details = serializers.DictField(help_text="Such as the name of a parameter and what it takes.")


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """For `extend_schema(responses=…)`: the errors that an operation has beside those that all have."""
    return {status: OpenApiResponse(ErrorSerializer, _phrase(status)) for status in statuses}


def whole_parameter(name: str, *, default: int, minimum: int, maximum: int, words: str = "") -> OpenApiParameter:
    """For `extend_schema(parameters=…)`: what `params.whole` reads."""
    schema = {"type": "integer", "minimum": minimum, "maximum": maximum, "default": default}
    return OpenApiParameter(name, schema, description=words)


class Schema(AutoSchema):
    """DRF's DEFAULT_SCHEMA_CLASS."""

    def get_summary(self) -> str:
        """What the method's docstring, or else the view's, says first."""
        return re.split("[.:;]", self._said(), maxsplit=1)[0]

    def get_description(self) -> str:  # type: ignore[override]
        """All that it says, where that is more."""
        said = self._said()
        return "" if said.rstrip(".") == self.get_summary() else said

    def _said(self) -> str:
        # A view's docstring begins with its address.
        return re.sub(r"^(GET|POST).*? /api/\S*: (.)", lambda found: found[2].upper(), super().get_description())

    def get_paginated_name(self, serializer_name: str) -> str:
        """VideoList."""
        return f"{serializer_name}List"

    def get_auth(self) -> list[dict[str, Any]]:
        """Nothing for what anybody may do; else a token or a session."""
        return [] if self._is_for_anybody() else super().get_auth()

    def _is_for_anybody(self) -> bool:
        return any(isinstance(permission, AllowAny) for permission in self.view.get_permissions())

    def _is_public(self) -> bool:
        """Whether the answer is the same for everybody, and so kept by the cache."""
        return self.method in SAFE_METHODS and hasattr(self.view, "public")

    def _map_serializer(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer(serializer, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(serializer, Body):
            schema["additionalProperties"] = False
        return schema

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if isinstance(field, Text):
            may_be_blank = field.allow_blank or not field.trim_whitespace
            schema["pattern"] = PLAIN if may_be_blank else _NOT_BLANK
        return schema

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        return [self._path_parameter(name) for name in variables]

    def _path_parameter(self, name: str) -> dict[str, Any]:
        is_id = f"<uuid:{name}>" in self.path_regex
        words = "An id." if is_id else "A slug." if name == "slug" else "An id or a slug."
        schema = UUID if is_id else KEY
        return build_parameter_type(name=name, location=OpenApiParameter.PATH, description=words, schema=schema)

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        filters_here = self._is_list_view() or (self.method == "GET" and hasattr(self.view, "filterset_class"))
        return filter_parameters(self.view) if filters_here else []

    def _get_response_headers_for_code(self, status_code: str, direction: Any = "response") -> dict[str, Any]:
        headers = super()._get_response_headers_for_code(status_code, direction)
        if status_code == "200" and self._is_public():
            is_paged = self._is_list_view() and hasattr(self.view, "orders")
            headers = {**headers, **_FRESH, **(_PAGED if is_paged else {})}
        return {**headers, **(_RETRY if status_code in {"429", "503"} else {})}

    def _get_response_for_code(self, serializer: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        response: dict[str, Any] = super()._get_response_for_code(serializer, *args, **kwargs)  # type: ignore[no-untyped-call]
        if getattr(serializer, "allow_null", False):
            for content in response["content"].values():
                content["schema"] = {"allOf": [content["schema"]], "nullable": True}
        return response

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if self._is_public():
            bodies["304"] = {"description": "As it was when the ETag was given.", "headers": _FRESH}
        for status, error in errors(*self._errors()).items():
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(error, str(status), None, direction)
        for code, body in bodies.items():
            body["description"] = body["description"] or _phrase(int(code))
        return dict(sorted(bodies.items()))

    def _errors(self) -> list[int]:
        found = {
            400: True,
            401: any(isinstance(one, TokenAuthentication) for one in self.view.get_authenticators()),
            403: bool(self.view.get_authenticators()) and (self._is_unsafe() or not self._is_for_anybody()),
            404: "{" in self.path,
            415: self._is_unsafe() and self.method != "DELETE",
            429: bool(self.view.get_throttles()),
            503: True,
        }
        return [status for status, applies in found.items() if applies]

    def _is_unsafe(self) -> bool:
        return self.method not in SAFE_METHODS


def _phrase(status: int) -> str:
    return f"{HTTPStatus(status).phrase}."
