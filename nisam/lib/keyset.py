"""Lists in a total order, cut into pages where a row stands and not where a number points (keyset pagination).

A cursor says which row a page begins after: the value that the list is ordered by and the id, which breaks ties. The
database finds it in the index of the order, so no page reads those before it, and each costs the same.
"""

import base64
import binascii
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

import orjson
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Expression, F, Field, Func, QuerySet, Value

from nisam.lib.statement import Given, Statement

# Of aliases by which rows are read along the index of another table, where field and id stand as well: see column_of.
ALONG = "along_"
# The names under which a place's values are given.
_BEGIN = ("beyond_value", "beyond_id")


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
        sign = "-" if self.falls(backwards=backwards) else ""
        field, row_id = self.columns(rows)
        return f"{sign}{field}", f"{sign}{row_id}"

    def falls(self, *, backwards: bool) -> bool:
        """Whether values become less from row to row."""
        return self.descending != backwards

    def compared(self, row: Iterable[Any], place: Iterable[Expression], *, backwards: bool) -> Expression:
        """That a row's field and id come after those of a place."""
        return _Beyond(*row, *place, sign="<" if self.falls(backwards=backwards) else ">")

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


class Chooser(Hashable, Protocol):
    """What leads to some rows of a list without looking at any: says which they are by their ids."""

    # The fields it knows of them, by which it can choose a page.
    knows: Container[str]

    def ids(self) -> Expression:
        """All of them."""

    def ids_of_page(self, order: Order, part: slice, place: Sequence[Expression], *, backwards: bool) -> Expression:
        """Those of a part of them in an order that it knows, beyond a place unless that is empty."""


def cut(
    rows: QuerySet[Any, Any],
    order: Order,
    *,
    limit: int,
    place: Place | None = None,
    offset: int = 0,
    chosen_by: Chooser | None = None,
    given: Mapping[str, Any] | None = None,
) -> Page:
    """The page of an ordered list that begins at a place. Raises ValueError when it is no place of this order.

    `chosen_by` are those of the rows to take; the page is chosen there where it can be, and no other row is read.
    `given` are the values for what is `Given` in them: it says that these very rows, a `values_list` with names, are
    asked for again and again, so the statement that reads such a page is compiled once.
    """
    backwards = place is not None and place.backwards
    # One row more than is shown tells whether the list goes on.
    part = slice(offset, offset + limit + 1)
    values = _values(rows, order, place) if place else ()
    if given is None:
        begin = [Value(*pair) for pair in zip(values, _fields(rows, order), strict=True)] if place else []
        found = list(_part(rows, order, part, begin, chosen_by, backwards=backwards))
    else:
        statement = _statement(
            rows, order, part.start, part.stop, chosen_by, is_placed=bool(place), backwards=backwards
        )
        found = statement.rows({**given, **dict(zip(_BEGIN, values, strict=False))})
    goes_on, shown = len(found) > limit, found[:limit]
    if backwards:
        shown.reverse()
    has_more, has_earlier = (True, goes_on) if backwards else (goes_on, bool(place or offset))
    return Page(
        shown,
        _place_of(shown[-1], order) if shown and has_more else None,
        _place_of(shown[0], order, backwards=True) if shown and has_earlier else None,
    )


def count(rows: QuerySet[Any, Any], *, chosen_by: Chooser | None = None, given: Mapping[str, Any] | None = None) -> int:
    """How many rows a list has; with the same words as `cut`."""
    if chosen_by:
        rows = rows.filter(pk__in=chosen_by.ids())
    if given is None:
        return rows.order_by().count()
    return Statement(rows.order_by().values_list("pk", named=True)).number(given)


@lru_cache(maxsize=256)
def _statement(
    rows: QuerySet[Any, Any], order: Order, begin: int, end: int, chosen_by: Chooser | None,
    *, is_placed: bool, backwards: bool,
) -> Statement:  # fmt: skip
    """What reads a part of rows that are kept, beyond a place or not."""
    place = [Given(*pair) for pair in zip(_BEGIN, _fields(rows, order), strict=True)] if is_placed else []
    return Statement(_part(rows, order, slice(begin, end), place, chosen_by, backwards=backwards))


def _part(
    rows: QuerySet[Any, Any], order: Order, part: slice, place: Sequence[Expression], chosen_by: Chooser | None,
    *, backwards: bool,
) -> QuerySet[Any, Any]:  # fmt: skip
    """A part of rows in their order, beyond a place unless that is empty."""
    ordered = rows.order_by(*order.names(rows, backwards=backwards))
    if chosen_by and order.field in chosen_by.knows:
        return ordered.filter(pk__in=chosen_by.ids_of_page(order, part, place, backwards=backwards))
    begun = ordered.filter(pk__in=chosen_by.ids()) if chosen_by else ordered
    if place:
        begun = begun.filter(order.compared(map(F, order.columns(rows)), place, backwards=backwards))
    if ALONG + "id" in rows.query.annotations and column_of(rows, order.field) == order.field:
        # Found through another table that does not know their order: which they are, two indexes tell together, and
        # only those are read.
        return ordered.filter(pk__in=begun.values("pk")[part])
    return begun[part]


def _place_of(row: Any, order: Order, *, backwards: bool = False) -> Place:
    return Place(order.name, getattr(row, order.field), row.id, backwards)
