"""Search on PostgreSQL: a tsvector per document, under a GIN index.

Vectors and queries are written out, not parsed: what a word is, tokens.py has decided. A word's place in a vector only
tells which weights it has: 1 for the title (A), 2 for names (B), 3 for the description (D). A word of the description
alone has none, which ranks as D and keeps the table smaller.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import orjson
from django.db.backends.utils import CursorWrapper
from django.db.models import (
    BooleanField,
    DateTimeField,
    Expression,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.expressions import CombinedExpression

from videos.search.terms import Term, Weights

JOINED = "string_agg({}, E'\\n')"
SECONDS = "extract(epoch FROM %(expressions)s)::float8"
# An array and not rows of a function, so that the planner knows how many there are.
AMONG_IDS = "= ANY(ARRAY(SELECT json_array_elements_text(%(ids)s))::uuid[])"
# Each video is looked up by itself (OFFSET keeps it apart): the planner takes a page for a hundred rows, and would read
# all videos for it as long as they are few.
_WRITE = """
INSERT INTO videos_searchdocument (video_id, published_at, is_deleted, digest, vector)
SELECT v.id, v.published_at, v.is_deleted, page.digest, page.vector::tsvector
FROM json_to_recordset(%s) AS page (video_id uuid, digest bigint, vector text)
CROSS JOIN LATERAL (SELECT * FROM videos_video WHERE id = page.video_id OFFSET 0) v
ORDER BY v.id
ON CONFLICT (video_id) DO UPDATE SET id = excluded.id, digest = excluded.digest, vector = excluded.vector"""


def fields(title: Iterable[str], names: Iterable[str], description: Iterable[str]) -> dict[str, str]:
    """What `write` needs of a document."""
    places: dict[str, str] = {}
    for place, words in (("1A", title), ("2B", names), ("3D", description)):
        for word in dict.fromkeys(words):
            places[word] = f"{places[word]},{place}" if word in places else f":{place}"
    return {"vector": " ".join(f"'{word}'{found}" for word, found in places.items()).replace(":3D", "")}


def write(cursor: CursorWrapper, documents: Sequence[dict[str, Any]]) -> None:
    """Insert or replace these documents."""
    cursor.execute(_WRITE, [orjson.dumps(documents).decode()])


# The names of what a search says: the very words, what begins with them as well and what of that is common, and the
# words of both kinds that count for its rank.
TEXTS = ("whole", "begun", "common", "rank_whole", "rank_begun")
# In so many documents, and in so many times as many as the rarest word of a search, one is common.
_COMMON, _TIMES = 10_000, 10


class Shape(NamedTuple):
    """How a search's statement is written."""

    is_mistyped: bool
    has_common: bool


def shape_of(terms: Sequence[Term]) -> Shape:
    """Of the statement for these terms."""
    return Shape(any(term.nearest for term in terms), bool(_common(terms)))


def texts(whole: Sequence[Term], terms: Sequence[Term], needed: Sequence[str]) -> tuple[str, ...]:
    """Queries in PostgreSQL's words, in the order of TEXTS; `whole` are the terms without what begins with them.

    `needed` are words that must be there and count nothing.
    """
    others = [f"'{word}'" for word in needed]
    common = _common(terms)
    rare = [term for term in terms if term not in common]
    queries = (
        _all([*_alternatives(whole), *others]),
        _all([*_alternatives(rare), *others]),
        _all(_alternatives(common)),
    )
    return (*queries, *(" | ".join(_alternatives(some)) for some in (whole, terms)))


def matching(
    rows: QuerySet[Any], which: str, texts: Mapping[str, Expression], shape: Shape, document: str
) -> QuerySet[Any]:
    """Those of the rows whose document, to which `document` is the path, has the `whole` words or those `begun`."""
    vector = F(f"{document}vector")
    matches = Func(
        vector, _query(texts[which]), template="%(expressions)s", arg_joiner=" @@ ", output_field=BooleanField()
    )
    found: QuerySet[Any] = rows.alias(matches=matches).filter(matches=True)
    if which == "begun" and shape.has_common:
        # As a function and no operator it is no business of the index, which would collect all documents of a common
        # beginning to keep the few that a rare word has.
        also = Func(vector, _query(texts["common"]), function="ts_match_vq", output_field=BooleanField())
        found = found.alias(also=also).filter(also=True)
    return found


def _common(terms: Sequence[Term]) -> tuple[Term, ...]:
    """The terms that are better looked for only in what has the others; none where a word may be another."""
    if any(term.nearest for term in terms):
        return ()
    rarest = min((term.seen for term in terms if term.seen), default=0)
    return tuple(term for term in terms if term.is_prefix and term.seen >= max(_COMMON, _TIMES * rarest))


def newest_first(document: str, shape: Shape) -> tuple[Any, ...]:
    """The order of the window.

    The planner takes mistyped words with their nearest for much more frequent than they are, and would go through the
    index of dates for ever; a date to which nothing is added is in no index.
    """
    date, video = F(f"{document}published_at"), f"-{document}video_id"
    if shape.is_mistyped:
        return ExpressionWrapper(date + timedelta(0), DateTimeField()).desc(), video
    return date.desc(), video


def rank(texts: Mapping[str, Expression], column: Callable[[str], Expression]) -> CombinedExpression:
    """Of a document whose columns are given by name: see query.py."""
    begun = _ts_rank(column("vector"), replace(Weights(), description=0), texts["rank_begun"])
    return _ts_rank(column("vector"), Weights(), texts["rank_whole"]) + begun


def _ts_rank(vector: Expression, weights: Weights, query: Expression) -> Func:
    return Func(
        Value(f"{{{weights.description}, 0, {weights.names}, {weights.title}}}"),
        vector,
        _query(query),
        template="ts_rank(%(expressions)s)::float8",
        output_field=FloatField(),
    )


def _query(text: Expression) -> Func:
    return Func(text, template="%(expressions)s::tsquery", output_field=TextField())


def _all(alternatives: Iterable[str]) -> str:
    return " & ".join(f"({one})" for one in alternatives)


def _alternatives(terms: Iterable[Term]) -> list[str]:
    return [" | ".join(_operands(term)) for term in terms]


def _operands(term: Term) -> list[str]:
    return [f"'{term.word}'{':*' if term.is_prefix else ''}", *(f"'{word}'" for word in term.nearest)]
