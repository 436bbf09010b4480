"""Lists page by page: `limit` with `offset` for the first thousands, `cursor` for any depth at the price of the first.

A cursor says which row a page begins after: the value that the list is ordered by and the id, which breaks ties. The
database finds it in the index of the order (keyset pagination), so no page reads those before it.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.lib import params
from nisam.lib.api_errors import BadParameterError

PARAMETERS = ("limit", "offset", "cursor", "count")
LONGEST_CURSOR = 2000
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Order:
    """What a list is ordered by: a field or annotation that is never NULL, and the id in the same direction."""

    name: str
    field: str
    descending: bool = False
    # What the field holds, where an annotation does not say it.
    holds: Field[Any, Any] | None = None

    def names(self, *, backwards: bool = False) -> tuple[str, str]:
        """For `order_by`."""
        sign = "-" if self.descending != backwards else ""
        return f"{sign}{self.field}", f"{sign}id"


@dataclass(frozen=True)
class Place:
    """A row of an ordered list, which a page begins after; `backwards`: which it ends before."""

    order: str
    value: Any
    row_id: Any
    backwards: bool = False

    def encode(self) -> str:
        """The cursor of this place: opaque, safe in a URL."""
        packed = orjson.dumps([self.order, self.value, str(self.row_id), int(self.backwards)])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def decode(cls, cursor: str) -> "Place":
        """The place of a cursor. Raises ValueError for anything that is none."""
        try:
            packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            order, value, row_id, backwards = orjson.loads(packed)
        except (binascii.Error, orjson.JSONDecodeError, TypeError) as error:
            raise ValueError(cursor) from error
        is_place = isinstance(order, str) and isinstance(value, str | int | float) and isinstance(row_id, str)
        if not (is_place and backwards in (0, 1)):
            raise ValueError(cursor)
        return cls(order, value, row_id, bool(backwards))


class _Beyond(Func):
    """`(field, id) < (value, id)` as one comparison of rows, which an index on both answers in one step."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, *expressions: Any, sign: str) -> None:
        super().__init__(*expressions)
        self.sign = sign

    def as_sql(self, compiler: Any, _connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Two rows of two."""
        compiled = [compiler.compile(expression) for expression in self.get_source_expressions()]
        field, row_id, value, than_id = (sql for sql, _ in compiled)
        given = [parameter for _, parameters in compiled for parameter in parameters]
        return f"({field}, {row_id}) {self.sign} ({value}, {than_id})", given


def beyond(rows: QuerySet[Row], order: Order, place: Place) -> QuerySet[Row]:
    """The rows that come after a place (before it, when it looks backwards), not ordered yet.

    Raises ValueError when the place is no place of this order.
    """
    annotation = rows.query.annotations.get(order.field)
    meta: Any = rows.model._meta  # noqa: SLF001 - Django's documented Meta API
    holds = order.holds or (annotation.output_field if annotation else meta.get_field(order.field))
    if place.order != order.name or place.value is None or "\x00" in str(place.value):
        raise ValueError(place.order)
    try:
        value, row_id = holds.to_python(place.value), meta.pk.to_python(place.row_id)
        # What the database could not take is refused here.
        holds.run_validators(value)
        meta.pk.run_validators(row_id)
        if isinstance(value, datetime):
            value = _in_utc(value)
    except (ValidationError, TypeError, OverflowError) as error:
        raise ValueError(place.order) from error
    sign = "<" if order.descending != place.backwards else ">"
    return rows.filter(_Beyond(F(order.field), F("id"), Value(value, holds), Value(row_id, meta.pk), sign=sign))


def _in_utc(moment: datetime) -> datetime:
    """Raises ValueError for a time without an offset, OverflowError for one that has no year in UTC."""
    if moment.tzinfo is None:
        raise ValueError(moment)
    return moment.astimezone(UTC)


class KeysetPagination(BasePagination):
    """Pages of lists; the view gives its order as `view.order(request)`."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page of rows; what `headers` needs is kept."""
        order: Order = view.order(request)
        offset, limit = params.window(request)
        place = _place(request)
        rows = queryset
        if place:
            try:
                rows = beyond(queryset, order, place)
            except ValueError as error:
                raise _bad_cursor() from error
        backwards = place is not None and place.backwards
        found = list(rows.order_by(*order.names(backwards=backwards))[offset : offset + limit + 1])
        more, page = len(found) > limit, found[:limit]
        if backwards:
            page.reverse()
        has_prev = more if backwards else bool(place or offset)
        self._headers = _headers(request, order, page, has_next=more or backwards, has_prev=has_prev)
        if params.truth(request, "count"):
            self._headers["X-Total-Count"] = str(queryset.order_by().count())
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """The bare array, with the headers that lead on."""
        return Response(data, headers=self._headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A bare array."""
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:  # noqa: ARG002 - DRF's signature
        """For the schema."""
        limit = {"type": "integer", "minimum": 1, "maximum": params.MAX_LIMIT, "default": params.DEFAULT_LIMIT}
        offset = {"type": "integer", "minimum": 0, "maximum": params.MAX_OFFSET, "default": 0}
        return [
            _parameter("limit", limit, "Rows of a page."),
            _parameter("offset", offset, "Rows to pass over; a cursor goes deeper."),
            _parameter("cursor", {"type": "string", "maxLength": LONGEST_CURSOR}, "From the Link header of a page."),
            _parameter("count", {"type": "boolean", "default": False}, "With X-Total-Count in the answer's headers."),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _place(request: Request) -> Place | None:
    cursor = params.text(request, "cursor", longest=LONGEST_CURSOR)
    if not cursor:
        return None
    if "offset" in request.query_params:
        raise BadParameterError("offset", "nothing beside a cursor, which says where the page begins")
    try:
        return Place.decode(cursor)
    except ValueError as error:
        raise _bad_cursor() from error


def _bad_cursor() -> BadParameterError:
    return BadParameterError("cursor", "the cursor of a Link header of this list in this order")


def _headers(request: Request, order: Order, page: Sequence[Any], *, has_next: bool, has_prev: bool) -> dict[str, str]:
    links = []
    for relation, leads, row in (("next", has_next, page[-1:]), ("prev", has_prev, page[:1])):
        if leads and row:
            value = getattr(row[0], order.field)
            cursor = Place(order.name, value, row[0].id, backwards=relation == "prev").encode()
            query = {name: value for name, value in request.query_params.items() if name not in {"offset", "cursor"}}
            # Relative, so that the answer is the same under every name of the site.
            links.append(f'<{request.path}?{urlencode({**query, "cursor": cursor})}>; rel="{relation}"')
    return {"Link": ", ".join(links)} if links else {}
