"""Learning the words of new documents, so that mistyped ones are understood."""

import json
from collections import Counter
from collections.abc import Iterable

from django.db import connection, transaction

from nisam.freshness.models import Group
from nisam.freshness.touch import touch
from videos.models import SearchDocument, SearchMark, SearchWord
from videos.search.index import Source, names_of, sources
from videos.search.tokens import words

SHORTEST = 3  # letters of a word that is worth learning
AT_ONCE = 2000  # documents a transaction

_LEARN = {
    "postgresql": "SELECT word, mirrored, length, seen FROM json_to_recordset(%s)"
    " AS page (word text, mirrored text, length int, seen bigint) WHERE true",
    "sqlite": "SELECT json_extract(value, '$.word'), json_extract(value, '$.mirrored'),"
    " json_extract(value, '$.length'), json_extract(value, '$.seen') FROM json_each(%s) WHERE true",
}


def learn_words(*, everything: bool = False) -> int:
    """Learn from the documents written before the last round; returns how many those were.

    A document's id is given before its transaction commits, so those written since then wait for the next round;
    with `everything` they do not. Searches for mistyped words then answer otherwise: VIDEOS is touched.
    """
    learned = 0
    while done := _learn_some(everything=everything):
        learned += done
    with transaction.atomic():
        SearchMark.objects.filter(pk=_mark().pk).update(seen_to=_newest())
    return learned


def forget_words() -> None:
    """Begin anew, from the first document on."""
    with transaction.atomic():
        SearchMark.objects.all().delete()
        SearchWord.objects.all().delete()
        touch(Group.VIDEOS)


def _learn_some(*, everything: bool) -> int:
    with transaction.atomic():
        mark = _mark()
        written = SearchDocument.objects.filter(pk__gt=mark.learned_to).order_by("pk")
        if not everything:
            written = written.filter(pk__lte=mark.seen_to)
        found = list(written.values_list("pk", "video_id")[:AT_ONCE])
        if not found:
            return 0
        _write(sources([video_id for _, video_id in found]))
        mark.learned_to = found[-1][0]
        mark.save(update_fields=["learned_to"])
        touch(Group.VIDEOS)
    return len(found)


def _mark() -> SearchMark:
    """The one row, locked: a second round at the same time waits, and then finds nothing left."""
    return SearchMark.objects.select_for_update().get_or_create(pk=1)[0]


def _newest() -> int:
    newest = SearchDocument.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _write(documents: Iterable[Source]) -> None:
    seen: Counter[str] = Counter()
    for source in documents:
        seen.update({word for word in (*words(source[2]), *names_of(source)) if _is_worth_learning(word)})
    # Sorted, as every write of several rows is: opposite orders would deadlock.
    rows = [{"word": word, "mirrored": word[::-1], "length": len(word), "seen": seen[word]} for word in sorted(seen)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO videos_searchword (word, mirrored, length, seen) {_LEARN[connection.vendor]}"
            " ON CONFLICT (word) DO UPDATE SET seen = videos_searchword.seen + excluded.seen",
            [json.dumps(rows, ensure_ascii=False)],
        )


def _is_worth_learning(word: str) -> bool:
    """Numbers and names with digits are not mistyped, they are others."""
    return len(word) >= SHORTEST and not any(map(str.isdigit, word))
