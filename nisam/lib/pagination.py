"""Pages of the API's lists: `limit` with `offset` for the first thousands, `cursor` for any depth."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.lib import params
from nisam.lib.api_errors import BadParameterError
from nisam.lib.keyset import Page, Place, count, cut

PARAMETERS = ("limit", "offset", "cursor", "count")
LONGEST_CURSOR = 2000


class KeysetPagination(BasePagination):
    """Pages of lists; the view gives its order as `view.order(request)`."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page of rows; what `headers` needs is kept.

        Filters may leave at the request `chosen_by` and `given`, see `cut`, and `as_many`: rows that are counted sooner
        than those of the list.
        """
        offset, limit = params.window(request)
        place = _place(request)
        chosen_by = getattr(request, "chosen_by", None)
        unfiltered: Mapping[str, Any] | None = {} if queryset is view.queryset else None
        given = getattr(request, "given", unfiltered)
        try:
            page = cut(
                queryset,
                view.order(request),
                limit=limit,
                place=place,
                offset=offset,
                chosen_by=chosen_by,
                given=given,
            )
        except ValueError as error:
            raise _bad_cursor() from error
        self._headers = _headers(request, page)
        if params.truth(request, "count"):
            as_many = getattr(request, "as_many", None)
            number = as_many.count() if as_many is not None else count(queryset, chosen_by=chosen_by, given=given)
            self._headers["X-Total-Count"] = str(number)
        return page.rows

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


def _headers(request: Request, page: Page) -> dict[str, str]:
    query = {name: value for name, value in request.query_params.items() if name not in {"offset", "cursor"}}
    # Relative, so that the answer is the same under every name of the site.
    links = [
        f'<{request.path}?{urlencode({**query, "cursor": place.encode()})}>; rel="{relation}"'
        for relation, place in (("next", page.after), ("prev", page.before))
        if place
    ]
    return {"Link": ", ".join(links)} if links else {}
