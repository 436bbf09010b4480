"""The front page's sections: each a query of its own for ids, so that the videos of all are fetched together."""

from collections import defaultdict
from uuid import UUID

from videos.models import Category, Video, VideoCategory

SECTIONS = ("hero", "recent", "trending", "categories", "popular")
MOST_CATEGORIES = 10
# Categories are shown by their newest videos among so many newest of all: one bounded query whatever the catalogue.
NEWEST = 1000


def hero() -> UUID | None:
    """The video at the top: what an operator featured last, else what trends most, else the newest."""
    shown = Video.objects.in_catalogue()
    featured = shown.exclude(featured_at=None).order_by("-featured_at", "-id")
    trending = shown.filter(trend__gt=0).order_by("-trend", "-id")
    ids = (videos.values_list("pk", flat=True).first() for videos in (featured, trending, shown.newest_first()))
    return next((one for one in ids if one), None)


def recent(limit: int) -> list[UUID]:
    """The newest."""
    return list(Video.objects.in_catalogue().newest_first().values_list("pk", flat=True)[:limit])


def trending(limit: int) -> list[UUID]:
    """Those that gained most views lately: see videos/trend.py."""
    gaining = Video.objects.in_catalogue().filter(trend__gt=0)
    return list(gaining.order_by("-trend", "-id").values_list("pk", flat=True)[:limit])


def popular(limit: int) -> list[UUID]:
    """Those with most views of all time."""
    watched = Video.objects.in_catalogue().filter(total_views__gt=0)
    return list(watched.order_by("-total_views", "-id").values_list("pk", flat=True)[:limit])


def by_category(limit: int) -> dict[str, list[UUID]]:
    """The newest of each of the categories that come up most among the newest of all."""
    newest = recent(NEWEST)
    places = {video: place for place, video in enumerate(newest)}
    videos: dict[int, list[UUID]] = defaultdict(list)
    for category, video in VideoCategory.objects.filter(video_id__in=newest).values_list("category_id", "video_id"):
        videos[category].append(video)
    chosen = sorted(videos, key=lambda category: (-len(videos[category]), category))[:MOST_CATEGORIES]
    names = Category.objects.in_bulk(chosen)
    return {names[one].name: sorted(videos[one], key=places.__getitem__)[:limit] for one in chosen if one in names}
