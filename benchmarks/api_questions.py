"""What the API can be asked about a large catalogue: every filter, sort and search, with values of the catalogue."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import cycle, pairwise
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count

from channels.models import Channel
from videos.models import Category, Tag, Video

SORTS = ("publishDate", "oldest", "createdAt", "views", "popularity")
Question = Mapping[str, Any]


def questions(number: int) -> dict[str, list[str]]:
    """By name, so many paths of each kind of question, with values that take turns."""
    random = Random(1)
    kinds = _filters(random) | _searches(random)
    return {name: [_path(asked) for asked, _ in zip(cycle(kinds[name]), range(number), strict=False)] for name in kinds}


def _path(question: Question) -> str:
    return f"/api/videos?{urlencode({'limit': 24, **question})}"


def _filters(random: Random) -> dict[str, Sequence[Question]]:
    channels = [str(pk) for pk in _by_videos(Channel)]
    categories = [str(UUID(int=pk)) for pk in _by_videos(Category)]
    tags = list(_by_videos(Tag, "name"))
    dates = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in _dates(random)]
    each: Callable[..., list[Question]] = lambda name, values, **more: [{name: value, **more} for value in values]  # noqa: E731
    return {
        **{f"sort={sort}": [{"sort": sort}] for sort in SORTS},
        "channelId, large": each("channelId", channels[:20]),
        "channelId, small": each("channelId", channels[-100:]),
        "categoryId, popular": each("categoryId", categories[:5]),
        "categoryId, rare": each("categoryId", categories[-5:]),
        "tagName, popular": each("tagName", tags[:10]),
        "tagName, middle": each("tagName", tags[len(tags) // 100 :][:60]),
        "tagName, rare": each("tagName", tags[-60:]),
        "platform, common": each("platform", ["youtube"]),
        "platform, rare": each("platform", ["feed"]),
        "kind": each("kind", ["video", "short", "live"]),
        "publishedAfter": each("publishedAfter", dates),
        "publishedBefore": each("publishedBefore", dates),
        "publishedAfter, views": each("publishedAfter", dates, sort="views"),
        "publishedBefore, popularity": each("publishedBefore", dates, sort="popularity"),
        "large channelId, views": each("channelId", channels[:20], sort="views"),
        "categoryId, views": each("categoryId", categories, sort="views"),
        "popular tagName, popularity": each("tagName", tags[:10], sort="popularity"),
        "rare tagName, oldest": each("tagName", tags[-60:], sort="oldest"),
        "categoryId and kind": each("categoryId", categories, kind="live"),
        "platform and kind, createdAt": each("platform", ["feed", "tiktok"], kind="live", sort="createdAt"),
        "large channelId, popular tagName": [
            {"channelId": channel, "tagName": tag}
            for channel, tag in zip(channels[:20], cycle(tags[:10]), strict=False)
        ],
        "count of a category": each("categoryId", categories, count="true"),
    }


def _searches(random: Random) -> dict[str, Sequence[Question]]:
    """The commonest words are in the most titles; the rarest were taken from some."""
    titles = list(Video.objects.in_catalogue().order_by("slug").values_list("title", flat=True)[:20_000])
    number: dict[str, int] = {}
    for title in titles:
        for word in title.lower().split():
            number[word] = number.get(word, 0) + 1
    words = sorted((word for word in number if len(word) > 4), key=lambda word: (-number[word], word))
    common, rare = words[:20], random.sample([word for word in words if number[word] == 1], 60)
    some = random.sample(titles, 60)
    return {
        "search, common word": [{"search": word} for word in common],
        "search, rare word": [{"search": word} for word in rare],
        "search, two common words": [{"search": f"{one} {two}"} for one, two in pairwise(common)],
        "search, two words of a title": [{"search": " ".join(title.split()[-2:])} for title in some],
        "search, prefix": [{"search": word[:4]} for word in rare],
        "search, short prefix": [{"search": word[:2]} for word in rare],
        "search, typo": [{"search": _mistyped(word)} for word in rare],
        "search, nothing found": [{"search": f"{word}qzx"} for word in rare],
        "search, common word, newest": [{"search": word, "sort": "publishDate"} for word in common],
        "search in a large channel": [
            {"search": word, "channelId": str(pk)} for word, pk in zip(common, _by_videos(Channel), strict=False)
        ],
    }


def _mistyped(word: str) -> str:
    """Two letters in its middle have changed places."""
    middle = len(word) // 2
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]


def _by_videos(model: Any, column: str = "pk") -> list[Any]:
    """A column of all rows, those with most videos first, without those that have none."""
    counted = model.objects.order_by().annotate(number=Count("videos")).filter(number__gt=0)
    return list(counted.order_by("-number", "pk").values_list(column, flat=True))


def _dates(random: Random) -> list[datetime]:
    """Moments from ten years to two hours before the newest video."""
    newest = Video.objects.in_catalogue().latest("published_at").published_at
    return [newest - timedelta(hours=2 * 43_800 ** random.random()) for _ in range(60)]
