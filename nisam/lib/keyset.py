"""Lists in a total order, cut into pages where a row stands and not where a number points (keyset pagination).

A cursor says which row a page begins after: the value that the list is ordered by and the id, which breaks ties. The
database finds it in the index of the order, so no page reads those before it, and each costs the same.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Expression, F, Field, Func, Model, QuerySet, Value

from nisam.lib.statement import Given, Statement

Row = TypeVar("Row", bound=Model)
# Of aliases by which rows are read along the index of another table, where field and id stand as well: see column_of.
ALONG = "along_"


@dataclass(frozen=True)
class Order:
    """What a list is ordered by: a field or annotation that is never NULL, and the id in the same direction."""

    name: str
    field: str
    descending: bool = False
    # What the field holds, where an annotation does not say it.
    holds: Field[Any, Any] | None = None

    def names(self, rows: QuerySet[Any, Any], *, backwards: bool = False) -> tuple[str, str]:
        """For `order_by` of these rows."""
        sign = "-" if self.descending != backwards else ""
        field, row_id = self.columns(rows)
        return f"{sign}{field}", f"{sign}{row_id}"

    def columns(self, rows: QuerySet[Any, Any]) -> tuple[str, str]:
        """The names that these rows have for the field and the id: both of their own table, or both of another one."""
        field = column_of(rows, self.field)
        return field, "id" if field == self.field else column_of(rows, "id")


def column_of(rows: QuerySet[Any, Any], field: str) -> str:
    """The name by which a field of rows is best compared and ordered.

    Rows that are found through another table, which repeats the field beside what they are chosen by, have an alias for
    it: `along_published_at`. The index there reads a page of them alone, that of their own table all others too.
    """
    return ALONG + field if ALONG + field in rows.query.annotations else field


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
    values = zip(_values(rows, order, place), _fields(rows, order), strict=True)
    return _compared(rows, order, *(Value(*value) for value in values), backwards=place.backwards)


def _compared(rows: QuerySet[Row], order: Order, *place: Expression, backwards: bool) -> QuerySet[Row]:
    sign = "<" if order.descending != backwards else ">"
    return rows.filter(_Beyond(*map(F, order.columns(rows)), *place, sign=sign))


def _values(rows: QuerySet[Any, Any], order: Order, place: Place) -> tuple[Any, Any]:
    """What a place says of both columns of an order. Raises ValueError when it is no place of this order."""
    holds, id_holds = _fields(rows, order)
    if place.order != order.name or place.value is None or "\x00" in str(place.value):
        raise ValueError(place.order)
    try:
        value, row_id = holds.to_python(place.value), id_holds.to_python(place.row_id)
        # What the database could not take is refused here.
        holds.run_validators(value)
        id_holds.run_validators(row_id)
        if isinstance(value, datetime):
            value = _in_utc(value)
    except (ValidationError, TypeError, OverflowError) as error:
        raise ValueError(place.order) from error
    return value, row_id


def _fields(rows: QuerySet[Any, Any], order: Order) -> tuple[Any, Any]:
    """What holds the values of both columns of an order."""
    field, row_id = order.columns(rows)
    return order.holds or _held(rows, field), _held(rows, row_id)


def _held(rows: QuerySet[Any, Any], name: str) -> Any:
    """The field that a column or alias of rows has its values from; of a reference, the one it refers to."""
    annotation = rows.query.annotations.get(name)
    field: Any = annotation.output_field if annotation else rows.model._meta.get_field(name)  # noqa: SLF001 - Django's documented Meta API
    return getattr(field, "target_field", field)


def _in_utc(moment: datetime) -> datetime:
    """Raises ValueError for a time without an offset, OverflowError for one that has no year in UTC."""
    if moment.tzinfo is None:
        raise ValueError(moment)
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the places where the pages after and before them begin; None where there are none."""

    rows: list[Any]
    after: Place | None
    before: Place | None


def cut(
    rows: QuerySet[Any, Any],
    order: Order,
    *,
    limit: int,
    place: Place | None = None,
    offset: int = 0,
    chosen_in: QuerySet[Any, Any] | None = None,
    is_kept: bool = False,
) -> Page:
    """The page of an ordered list that begins at a place. Raises ValueError when it is no place of this order.

    `is_kept` says that these very rows, a `values_list` with names, are asked for again and again: the statement that
    reads such a page is compiled once. `chosen_in` are rows of another table that lead to those of the list, by
    `along_id`. Where they have what orders the list too (`along_rank`), the page is chosen among them, and no other row
    of the list is read.
    """
    backwards = place is not None and place.backwards
    # One row more than is shown tells whether the list goes on.
    part = slice(offset, offset + limit + 1)
    if is_kept:
        statement = _statement(rows, order, part.start, part.stop, is_placed=place is not None, backwards=backwards)
        found = statement.rows(_values(rows, order, place) if place else ())
    else:
        found = list(_part(rows, order, part, place, chosen_in))
    goes_on, shown = len(found) > limit, found[:limit]
    if backwards:
        shown.reverse()
    has_more, has_earlier = (True, goes_on) if backwards else (goes_on, bool(place or offset))
    return Page(
        shown,
        _place_of(shown[-1], order) if shown and has_more else None,
        _place_of(shown[0], order, backwards=True) if shown and has_earlier else None,
    )


@lru_cache(maxsize=256)
def _statement(
    rows: QuerySet[Any, Any], order: Order, begin: int, end: int, *, is_placed: bool, backwards: bool
) -> Statement:
    """What reads a part of rows that are kept, beyond a place or not."""
    begun = _compared(rows, order, *map(Given, _fields(rows, order)), backwards=backwards) if is_placed else rows
    return Statement(begun.order_by(*order.names(rows, backwards=backwards))[begin:end])


def _part(
    rows: QuerySet[Any, Any], order: Order, part: slice, place: Place | None, chosen_in: QuerySet[Any, Any] | None
) -> QuerySet[Any, Any]:
    """The same of any rows, chosen among them or in another table."""
    backwards = place is not None and place.backwards
    is_late = chosen_in is not None and column_of(chosen_in, order.field) != order.field
    if chosen_in is not None and not is_late:
        rows = rows.filter(pk__in=chosen_in.values(ALONG + "id"))
    source = chosen_in if chosen_in is not None and is_late else rows
    begun = beyond(source, order, place) if place else source
    page = begun.order_by(*order.names(source, backwards=backwards))[part]
    if is_late:
        page = rows.filter(pk__in=page.values(ALONG + "id")).order_by(*order.names(rows, backwards=backwards))
    return page


def _place_of(row: Any, order: Order, *, backwards: bool = False) -> Place:
    return Place(order.name, getattr(row, order.field), row.id, backwards)
