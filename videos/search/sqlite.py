"""Search on SQLite: the words of documents in an FTS5 table, ranked by a function of ours.

FTS5's own bm25 would order otherwise than PostgreSQL does, and would count all the matches of each word.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple
from functools import lru_cache
from sqlite3 import Connection
from typing import Any

import orjson
from django.db.backends.utils import CursorWrapper
from django.db.models import BigIntegerField, Expression, FloatField, Func, QuerySet

from videos.search.terms import Term, Weights

JOINED = "group_concat({}, char(10))"
SECONDS = "((julianday(%(expressions)s) - 2440587.5) * 86400)"
AMONG_IDS = "IN (SELECT value FROM json_each(%(ids)s))"
_PAGE = "FROM json_each(%s) page JOIN {} ON {}.{} = json_extract(page.value, '$.video_id')"
# The words of what is replaced go by a trigger: see the migration.
_FORGET = (
    "DELETE FROM videos_searchdocument WHERE video_id IN (SELECT json_extract(value, '$.video_id') FROM json_each(%s))"
)
_INSERT = f"""
INSERT INTO videos_searchdocument (video_id, published_at, is_deleted, digest)
SELECT v.id, v.published_at, v.is_deleted, json_extract(page.value, '$.digest')
{_PAGE.format("videos_video v", "v", "id")}"""
_INSERT_WORDS = f"""
INSERT INTO videos_searchtext (rowid, title, names, description)
SELECT d.id, json_extract(page.value, '$.title'), json_extract(page.value, '$.names'),
  json_extract(page.value, '$.description') {_PAGE.format("videos_searchdocument d", "d", "video_id")}"""
_PI_SUM = 1.64493406685  # the sum of 1/n², by which ts_rank divides


def fields(title: Iterable[str], names: Iterable[str], description: Iterable[str]) -> dict[str, str]:
    """What `write` needs of a document: each word once, as in a tsvector."""
    texts = {"title": title, "names": names, "description": description}
    return {column: " ".join(dict.fromkeys(words)) for column, words in texts.items()}


def write(cursor: CursorWrapper, documents: Sequence[dict[str, Any]]) -> None:
    """Insert or replace these documents."""
    page = orjson.dumps(documents).decode()
    for statement in (_FORGET, _INSERT, _INSERT_WORDS):
        cursor.execute(statement, [page])


# The names of what a search says: the very words, what begins with them as well, and what its rank is made of.
TEXTS = ("whole", "begun", "rank")


def texts(whole: Sequence[Term], terms: Sequence[Term], needed: Sequence[str]) -> tuple[str, ...]:
    """Queries in the words of FTS5, and of our function, in the order of TEXTS; `whole` are the terms without what
    begins with them, `needed` words that must be there and count nothing."""
    asked = json.dumps(
        [[[term.word, term.is_prefix, term.nearest] for term in terms], astuple(Weights())], ensure_ascii=False
    )
    others = [f'"{word}"' for word in needed]
    alternatives = ([f"({' OR '.join(_operands(term))})" for term in some] for some in (whole, terms))
    return (*(" AND ".join((*some, *others)) for some in alternatives), asked)


def shape_of(_terms: Sequence[Term]) -> tuple[()]:
    """Of the statement for these terms, which is written in one way only."""
    return ()


def matching(
    rows: QuerySet[Any], which: str, texts: Mapping[str, Expression], _shape: tuple[()], document: str
) -> QuerySet[Any]:
    """Those of the rows whose document, to which `document` is the path, has the `whole` words or those `begun`."""
    found = Func(
        texts[which],
        template="(SELECT rowid FROM videos_searchtext WHERE videos_searchtext MATCH %(expressions)s)",
        output_field=BigIntegerField(),
    )
    return rows.filter(**{f"{document}id__in": found})


def newest_first(document: str, _shape: tuple[()]) -> tuple[str, ...]:
    """The order of the window."""
    return f"-{document}published_at", f"-{document}video_id"


def rank(texts: Mapping[str, Expression], column: Callable[[str], Expression]) -> Func:
    """Of a document whose columns are given by name: see query.py."""
    return Func(
        texts["rank"],
        column("id"),
        template="(SELECT search_rank(t.title, t.names, t.description, %(expressions)s))",
        arg_joiner=") FROM videos_searchtext t WHERE t.rowid = (",
        output_field=FloatField(),
    )


def add_functions(connection: Connection) -> None:
    """Give a new connection `search_rank(title, names, description, asked)`."""
    connection.create_function("search_rank", 4, _search_rank, deterministic=True)


def _search_rank(title: str, names: str, description: str, asked: str) -> float:
    """What `_ts_rank` of postgresql.py says of the same document, twice as there."""
    terms, weights = _asked(asked)
    columns = [
        (weights.title, title.split()),
        (weights.names, names.split()),
        (weights.description, description.split()),
    ]
    operands = sum(1 + len(term.nearest) for term in terms)
    total = 0.0
    for term in terms:
        for word in (term.word, *term.nearest):
            total += _worth([weight for weight, words in columns if word in words])
        for word in {word for _, words in columns[:2] for word in words if term.matches(word)}:
            total += _worth([weight for weight, words in columns[:2] if word in words])
    return total / operands / _PI_SUM


def _worth(weights: Sequence[float]) -> float:
    """Of a word that stands in several columns: the best counts whole, the next a quarter, the third a ninth."""
    return sum(weight / place**2 for place, weight in enumerate(weights, 1))


@lru_cache(maxsize=100)
def _asked(asked: str) -> tuple[list[Term], Weights]:
    terms, weights = json.loads(asked)
    return [Term(word, is_prefix, tuple(nearest)) for word, is_prefix, nearest in terms], Weights(*weights)


def _operands(term: Term) -> list[str]:
    return [f'"{term.word}"{"*" if term.is_prefix else ""}', *(f'"{word}"' for word in term.nearest)]
