"""Finding videos by words."""

from dataclasses import replace
from typing import Any

from django.db.models import F, Func, QuerySet, Subquery, Value

from videos.models import SearchDocument, VideoQuerySet
from videos.search.index import vendor
from videos.search.terms import Term, Weights
from videos.search.typed import understand

# Of very many matches only the newest are looked at, so that a common word costs no more than this.
NEWEST = 500
# Where so many have the very words, what only begins with them is not looked for: to collect all that begins with two
# letters costs more than everything else, and in titles as in names it comes after the very words.
ENOUGH = 100
_DOCUMENTS = SearchDocument.objects.all()
# A total order of what is found.
BEST_FIRST: tuple[str, ...] = ("-rank", "-published_at", "-id")


def search(videos: VideoQuerySet, text: str | tuple[Term, ...], *, is_filtered: bool = True) -> VideoQuerySet:
    """Those of `videos` in which every word of `text` occurs, at most the NEWEST of them, with their `rank`.

    Where fewer than ENOUGH have the very words, words also match what begins with them (see typed.py), and the NEWEST
    of all these are looked at as well. `rank` is a float, higher is better: for each word what it is
    worth by where it stands (`Weights`), once for what begins with it in the title or the names, and once more for the
    very word anywhere; PostgreSQL's ts_rank without regard to how often. Text without a word finds nothing.

    The window of the newest is one of `videos` as they are given: filters that come later narrow it, those that came
    before do not. Where `videos` are the whole catalogue, not `is_filtered`, it is found without looking at any video.
    """
    terms = understand(text) if isinstance(text, str) else text
    documents = window(videos, terms, is_filtered=is_filtered)
    return ranked(videos, terms).filter(pk__in=documents.values("video_id"))


def window(videos: VideoQuerySet, terms: tuple[Term, ...], *, is_filtered: bool) -> QuerySet[SearchDocument]:
    """The documents of what `search` finds, for `keyset.cut`: a page is chosen among them before any video is read."""
    if not terms:
        return _DOCUMENTS.none()
    rows: QuerySet[Any, Any] = _DOCUMENTS.filter(is_deleted=False)
    document = ""
    if is_filtered:
        # Said to be equal, so that a channel's newest are looked at in their order, and only until there are enough.
        same = {"document__published_at": F("published_at"), "document__is_deleted": F("is_deleted")}
        rows, document = videos.filter(**same), "document__"

    def newest(terms: tuple[Term, ...]) -> Subquery:
        found = vendor().matching(rows, terms, document).order_by(*vendor().newest_first(terms, document))
        return Subquery(found.values(f"{document}pk")[:NEWEST])

    whole = tuple(replace(term, is_prefix=False) for term in terms)
    return _DOCUMENTS.filter(pk__in=_unless_enough(newest(whole), newest(terms))).annotate(
        along_rank=vendor().rank(terms, Weights(), ""),
        along_published_at=F("published_at"),
        along_id=F("video_id"),
    )


def _unless_enough(first: Subquery, others: Subquery) -> Func:
    """What the first finds and, where that is not ENOUGH, what the others find; those are not begun otherwise."""
    return Func(
        first,
        others,
        template=f"(WITH first AS %(expressions)s others WHERE (SELECT count(*) FROM first) < {ENOUGH})",  # noqa: S608 - our own number
        arg_joiner=" SELECT * FROM first UNION ALL SELECT * FROM ",
    )


def ranked(videos: VideoQuerySet, terms: tuple[Term, ...]) -> VideoQuerySet:
    """The videos with their `rank`, whether something was found in them or not."""
    return videos.annotate(rank=vendor().rank(terms, Weights(), "document__") if terms else Value(0.0))
