"""Spelling: the nearest known words of a mistyped one, the same on every database.

Candidates come from two plain indexes: with one edit, either the first or the second half of a word is right, or the
two letters in its middle have changed places. (Trigrams, the usual way, share too little in short words: of the nine
in pian and pain, one.) What is nearest, the distance of optimal string alignment tells: letters that are
wrong, missing, too many, or that have changed places with the next.
"""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Q
from rapidfuzz.distance import OSA

from videos.models import SearchWord

SHORTEST = 4  # letters of a word that can be mistyped
LONG = 8  # letters of a word that can be mistyped twice
MOST_NEAREST = 3
MOST_CANDIDATES = 2000
MOST_BEGUN = 100  # words that are counted to tell how frequent a beginning is
# With two edits, one of a word's ends of this many letters is right unless one edit is in each.
_END = 3
_LAST = "\U0010ffff"


def frequencies(words: Sequence[str]) -> dict[str, int]:
    """In how many documents each word was seen or what begins with it, roughly, and not in descriptions; 0 for a word
    that begins no known one. One statement."""
    if not words:
        return {}
    begun = f"SELECT seen FROM videos_searchword WHERE word >= %s AND word < %s LIMIT {MOST_BEGUN}"  # noqa: S608 - ours
    each = f"(SELECT coalesce(sum(seen), 0) FROM ({begun}) begun)"  # noqa: S608 - the same
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([each] * len(words))}", [edge for word in words for edge in _range(word)])
        return {word: int(seen) for word, seen in zip(words, cursor.fetchone(), strict=True)}


def corrections(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The nearest known words of those that have some, for words that begin no known one; those with digits are no
    typos. One or two statements a word."""
    typos = (word for word in words if len(word) >= SHORTEST and not any(map(str.isdigit, word)))
    return {word: near for word in typos if (near := nearest(word))}


def nearest(word: str) -> tuple[str, ...]:
    """The known words at the least distance, those seen most first; none when all are too far."""
    middle = len(word) // 2
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    near = _nearest_of(word, _begins(word[:middle]) | _ends(word[middle:]) | Q(word=swapped), 1)
    if near or len(word) < LONG:
        return near
    return _nearest_of(word, _begins(word[:_END]) | _ends(word[-_END:]), 2)


def _nearest_of(word: str, ends: Q, most: int) -> tuple[str, ...]:
    candidates = SearchWord.objects.filter(ends, length__range=(len(word) - most, len(word) + most))
    by_use = candidates.order_by("-seen", "word").values_list("word", flat=True)[:MOST_CANDIDATES]
    distances = {other: OSA.distance(word, other, score_cutoff=most) for other in by_use}
    least = min(distances.values(), default=most + 1)
    return tuple(other for other, far in distances.items() if far == least <= most)[:MOST_NEAREST]


def _begins(start: str) -> Q:
    first, beyond = _range(start)
    return Q(word__gte=first, word__lt=beyond)


def _ends(end: str) -> Q:
    first, beyond = _range(end[::-1])
    return Q(mirrored__gte=first, mirrored__lt=beyond)


def _range(start: str) -> tuple[str, str]:
    """What begins so lies between these, by code points: the columns' order on every database."""
    return start, start + _LAST
