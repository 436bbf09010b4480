"""Search on PostgreSQL: a tsvector per document, under a GIN index.

Vectors and queries are written out, not parsed: what a word is, tokens.py has decided. A word's place in a vector only
tells which weights it has: 1 for the title (A), 2 for names (B), 3 for the description (D). A word of the description
alone has none, which ranks as D and keeps the table smaller.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

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


# The names of what a search says: the very words, what begins with them as well, and the words of both kinds that count
# for its rank.
TEXTS = ("whole", "begun", "rank_whole", "rank_begun")


def texts(whole: Sequence[Term], terms: Sequence[Term], needed: Sequence[str]) -> tuple[str, ...]:
    """Queries in PostgreSQL's words, in the order of TEXTS; `whole` are the terms without what begins with them.

    `needed` are words that must be there and count nothing.
    """
    alternatives = [[" | ".join(_operands(term)) for term in some] for some in (whole, terms)]
    others = [f"'{word}'" for word in needed]
    queries = (" & ".join(f"({one})" for one in (*some, *others)) for some in alternatives)
    return (*queries, *(" | ".join(some) for some in alternatives))


def matching(rows: QuerySet[Any], query: Expression, document: str) -> QuerySet[Any]:
    """Those of the rows whose document a query matches; `document` is the path from them to it."""
    matches = Func(
        F(f"{document}vector"),
        _query(query),
        template="%(expressions)s",
        arg_joiner=" @@ ",
        output_field=BooleanField(),
    )
    found: QuerySet[Any] = rows.alias(matches=matches).filter(matches=True)
    return found


def newest_first(document: str, *, is_mistyped: bool) -> tuple[Any, ...]:
    """The order of the window.

    The planner takes mistyped words with their nearest for much more frequent than they are, and would go through the
    index of dates for ever; a date to which nothing is added is in no index.
    """
    date, video = F(f"{document}published_at"), f"-{document}video_id"
    if is_mistyped:
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


def _operands(term: Term) -> list[str]:
    return [f"'{term.word}'{':*' if term.is_prefix else ''}", *(f"'{word}'" for word in term.nearest)]
