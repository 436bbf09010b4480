"""Finding videos by words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from django.db.models import Expression, F, Field, FloatField, Func, QuerySet, Subquery, TextField, Value
from django.db.models.expressions import CombinedExpression

from nisam.lib.keyset import Order
from nisam.lib.statement import Given
from videos.models import SearchDocument, VideoQuerySet
from videos.search.index import vendor
from videos.search.terms import Term, channel_word
from videos.search.typed import understand

# Of very many matches only the newest are looked at, so that a common word costs no more than this.
NEWEST = 500
# Where so many have the very words, what only begins with them is not looked for: to collect all that begins with two
# letters costs more than everything else, and in titles as in names it comes after the very words.
ENOUGH = 100
# Where fewer have them, so many of the newest that begin with them are looked at.
MORE = 200
# What a second counts in a rank: of what is as good the newer comes first, and a thousand years are less than the least
# that a word is worth.
_A_SECOND = 1e-15
_COLUMNS = ("pk", "video_id", "published_at", "vector")


def search(videos: VideoQuerySet, text: str) -> VideoQuerySet:
    """Those of `videos` in which every word of `text` occurs, at most the NEWEST of them, with their `rank`.

    Where fewer than ENOUGH have the very words, words also match what begins with them (see typed.py), and the newest
    MORE of all these are looked at as well. `rank` is a float, higher is better: for each word what it is worth by
    where it stands (`Weights`), once for what begins with it in the title or the names, and once more for the very word
    anywhere; PostgreSQL's ts_rank without regard to how often; and very little for being newer. Text without a word
    finds nothing.

    The window of the newest is one of `videos` as they are given: filters that come later narrow it, those that came
    before do not.
    """
    terms = understand(text)
    if not terms:
        return unranked(videos)
    asked = Asked.of(terms)
    return ranked(videos, asked).filter(pk__in=Window.among(videos, asked).ids())


@dataclass(frozen=True)
class Asked:
    """What a search says to the database: its texts by their names, whatever they are worth in this run."""

    texts: Mapping[str, Expression]
    shape: Any

    @classmethod
    def of(cls, terms: tuple[Term, ...]) -> Self:
        """These terms and no others."""
        return cls({name: Value(text) for name, text in said(terms).items()}, shape_of(terms))

    @classmethod
    def anew(cls, shape: Any) -> Self:
        """Whatever is `said`, for a statement that is kept."""
        return cls({name: Given(name, TextField()) for name in vendor().TEXTS}, shape)


def said(terms: tuple[Term, ...], channel_id: UUID | None = None) -> dict[str, str]:
    """The texts of these terms, in a channel alone or anywhere, for what is asked anew."""
    whole = tuple(replace(term, is_prefix=False) for term in terms)
    needed = [channel_word(channel_id)] if channel_id else []
    return dict(zip(vendor().TEXTS, vendor().texts(whole, terms, needed), strict=True))


def shape_of(terms: tuple[Term, ...]) -> Any:
    """What a statement for these terms has in common with others; hashable."""
    return vendor().shape_of(terms)


def ranked(videos: VideoQuerySet, asked: Asked) -> VideoQuerySet:
    """The videos with their `rank`, whether something was found in them or not."""
    return videos.annotate(rank=_rank(asked, lambda column: F(f"document__{column}")))


def unranked(videos: VideoQuerySet) -> VideoQuerySet:
    """What is found when nothing is asked."""
    return videos.annotate(rank=Value(0.0)).none()


class Window:
    """The newest of what is found: tells which videos a page of it has before any video is read."""

    knows = frozenset({"rank", "published_at"})

    def __init__(self, rows: QuerySet[Any, Any], document: str, asked: Asked) -> None:
        """`rows` to look at, and the path from them to their documents."""

        def newest(number: int, which: str) -> Subquery:
            found = vendor().matching(rows, which, asked.texts, asked.shape, document)
            found = found.order_by(*vendor().newest_first(document, asked.shape))
            return Subquery(found.values_list(*(f"{document}{column}" for column in _COLUMNS))[:number])

        self._found = newest(NEWEST, "whole"), newest(MORE, "begun")
        self._rank = _rank(asked, lambda column: _Written(f"found.{column}"))

    @classmethod
    def in_all(cls, asked: Asked) -> Self:
        """In the whole catalogue, or the channel that is `said`: found without looking at any video."""
        return cls(SearchDocument.objects.filter(is_deleted=False), "", asked)

    @classmethod
    def among(cls, videos: VideoQuerySet, asked: Asked) -> Self:
        """Among these."""
        # Said to be equal, so that a category's newest are looked at in their order, and only until there are enough.
        same = {"document__published_at": F("published_at"), "document__is_deleted": F("is_deleted")}
        return cls(videos.filter(**same), "document__", asked)

    def ids(self) -> Expression:
        """The videos' ids."""
        return self._select("SELECT video_id FROM found")

    def ids_of_page(self, order: Order, part: slice, place: Sequence[Expression], *, backwards: bool) -> Expression:
        """Those of a part of them, beyond a place unless that is empty."""
        row = _Written(order.field), _Written("video_id")
        beyond = [order.compared(row, place, backwards=backwards)] if place else []
        direction = "DESC" if order.falls(backwards=backwards) else "ASC"
        rows = "SELECT video_id, published_at, {} AS rank FROM found"
        return self._select(
            f"SELECT video_id FROM ({rows}) ranked{' WHERE {}' if beyond else ''}"  # noqa: S608 - our own names
            f" ORDER BY {order.field} {direction}, video_id {direction}"
            f" LIMIT {part.stop - part.start} OFFSET {part.start}",
            self._rank,
            *beyond,
        )

    def _select(self, text: str, *expressions: Expression) -> Expression:
        """From what has the very words and, where that is not ENOUGH, what only begins with them: it is not begun to be
        looked for otherwise. The ORM has no words for it."""
        columns = "(id, video_id, published_at, vector)"
        more = f"(SELECT count(*) FROM first) < {ENOUGH} AND id NOT IN (SELECT id FROM first)"  # noqa: S608 - our own number
        found = f"SELECT * FROM first UNION ALL SELECT * FROM others WHERE {more}"  # noqa: S608 - the same
        words = f"first{columns} AS {{}}, others{columns} AS {{}}, found AS ({found})"
        return _Written(f"(WITH {words} {text})", *self._found, *expressions)


def _rank(asked: Asked, column: Callable[[str], Any]) -> Expression:
    """Of a document whose columns are given by name."""
    seconds = Func(column("published_at"), template=vendor().SECONDS, output_field=FloatField())
    words: CombinedExpression = vendor().rank(asked.texts, column)
    return words + seconds * Value(_A_SECOND)


class _Written(Func):
    """SQL as it is written here, with an expression in the place of each pair of braces."""

    output_field: Field[Any, Any] = FloatField()

    def __init__(self, text: str, *expressions: Any) -> None:
        super().__init__(*expressions)
        self.text = text

    def as_sql(self, compiler: Any, _connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """The text, filled."""
        compiled = [compiler.compile(expression) for expression in self.get_source_expressions()]
        return self.text.format(*(sql for sql, _ in compiled)), [one for _, given in compiled for one in given]
