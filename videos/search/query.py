"""Finding videos by words."""

from django.db.models import Value

from videos.models import SearchDocument, VideoQuerySet
from videos.search.index import vendor
from videos.search.terms import Term, Weights
from videos.search.typed import understand

# Of very many matches only the newest are looked at, so that a common word costs no more than this.
NEWEST = 500
_DOCUMENTS = SearchDocument.objects.all()
# A total order of what is found.
BEST_FIRST: tuple[str, ...] = ("-rank", "-published_at", "-id")


def search(videos: VideoQuerySet, text: str | tuple[Term, ...], *, is_filtered: bool = True) -> VideoQuerySet:
    """Those of `videos` in which every word of `text` occurs, at most the NEWEST of them, with their `rank`.

    Words match what begins with them (see typed.py). `rank` is a float, higher is better: for each word what it is
    worth by where it stands (`Weights`), once for what begins with it in the title or the names, and once more for the
    very word anywhere; PostgreSQL's ts_rank without regard to how often. Text without a word finds nothing.

    The window of the newest is one of `videos` as they are given: filters that come later narrow it, those that came
    before do not. Where `videos` are the whole catalogue, not `is_filtered`, it is found without looking at any video;
    deleted ones are left out of it afterwards.
    """
    terms = understand(text) if isinstance(text, str) else text
    if not terms:
        return videos.none().annotate(rank=Value(0.0))
    rows, document, key = (videos, "document__", "pk") if is_filtered else (_DOCUMENTS, "", "video_id")
    found = vendor().matching(rows, terms, document).order_by(*vendor().newest_first(terms, document))
    window = videos.filter(pk__in=found.values(key)[:NEWEST])
    return window.annotate(rank=vendor().rank(terms, Weights()))
