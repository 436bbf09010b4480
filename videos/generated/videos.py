"""Made-up videos."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from nisam.lib.slugs import unique_slug
from videos.generated.channels import MadeChannel
from videos.generated.timeline import Moment
from videos.generated.zipf import Zipf
from videos.models import Availability, Kind, LiveStatus, Precision
from videos.trend import first_trend

# How many of a hundred videos are what.
_KINDS = {Kind.VIDEO: 85, Kind.SHORT: 12, Kind.LIVE: 3}
_PRECISIONS = {Precision.EXACT: 60, Precision.DAY: 20, Precision.APPROXIMATE: 18, Precision.UNKNOWN: 2}
_TAGS = {0: 10, 1: 14, 2: 18, 3: 18, 4: 14, 5: 10, 6: 7, 7: 5, 8: 4}
_SHORTEST, _USUAL, _LONGEST = 5, {Kind.VIDEO: 600, Kind.SHORT: 30, Kind.LIVE: 5400}, 12 * 3600
# Of a hundred videos.
_DELETED, _WITHOUT_VIEWS, _WATCHED_HERE, _AS_THEIR_CHANNEL = 0.5, 1, 10, 80
_WATCH = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "peertube": "https://tube.example/w/{}",
    "tiktok": "https://www.tiktok.com/video/{}",
    "feed": "https://films.example/{}",
}


class MadeVideo(NamedTuple):
    """The values of a video's row that are not the defaults, and the ids of its categories and tags."""

    row: dict[str, Any]
    categories: Sequence[int]
    tags: Sequence[int]


class VideoMaker:
    """Makes one video after another out of one source of chance."""

    def __init__(
        self, random: Random, *, words: Zipf[str], categories: Zipf[int], tags: Zipf[int], until: datetime
    ) -> None:
        self._random, self._words, self._categories, self._tags, self._until = random, words, categories, tags, until

    def make(self, channel: MadeChannel, moment: Moment) -> MadeVideo:
        """A video of this channel."""
        random = self._random
        video_id = UUID(int=random.getrandbits(128), version=4)
        external_id = urlsafe_b64encode(video_id.bytes[:8]).decode()[:11]
        kind = _one(random, _KINDS)
        title = " ".join(self._words.draw(random, random.randint(4, 12))).capitalize()
        description = " ".join(self._words.draw(random, random.randint(20, 72))).capitalize()
        row = {
            "id": video_id,
            "channel_id": channel.id,
            "platform": channel.platform,
            "external_id": external_id,
            "slug": unique_slug(title, video_id, "video"),
            "url": _WATCH[channel.platform].format(external_id),
            "title": title,
            "description": f"{description}.",
            "thumbnail_url": f"https://img.example/{external_id}.jpg",
            "kind": kind,
            "live_status": LiveStatus.WAS_LIVE if kind == Kind.LIVE else LiveStatus.NOT_LIVE,
            "availability": Availability.PUBLIC,
            "duration_seconds": min(_SHORTEST + int(_USUAL[kind] * random.lognormvariate(0, 0.6)), _LONGEST),
            **self._dates(moment),
        }
        row |= self._reactions(channel, row)
        return MadeVideo(row, self._of_categories(channel), self._of_tags())

    def _dates(self, moment: Moment) -> dict[str, Any]:
        precision = _one(self._random, _PRECISIONS)
        published_at = moment.published_at
        if precision == Precision.DAY:
            published_at = published_at.replace(hour=0, minute=0, second=0)
        elif precision == Precision.UNKNOWN:
            published_at = moment.created_at
        deleted = _happens(self._random, _DELETED)
        return {
            "published_at": published_at,
            "published_precision": precision,
            "published_source": "" if precision == Precision.UNKNOWN else "list",
            "created_at": moment.created_at,
            "updated_at": moment.created_at,
            "deleted_at": self._until if deleted else None,
        }

    def _reactions(self, channel: MadeChannel, row: dict[str, Any]) -> dict[str, Any]:
        random = self._random
        views = None if _happens(random, _WITHOUT_VIEWS) else int(channel.fame * random.lognormvariate(8, 2))
        own_views = int(random.expovariate(1 / 20)) if _happens(random, _WATCHED_HERE) else 0
        return {
            "view_count": views,
            "like_count": None if views is None else int(views * random.uniform(0.005, 0.08)),
            "own_views": own_views,
            "own_likes": int(own_views * random.random() * 0.2),
            "trend": first_trend(views, row["published_at"], self._until),
        }

    def _of_categories(self, channel: MadeChannel) -> Sequence[int]:
        own = (
            channel.categories if _happens(self._random, _AS_THEIR_CHANNEL) else self._categories.draw(self._random, 1)
        )
        return list(dict.fromkeys(own))

    def _of_tags(self) -> Sequence[int]:
        return list(dict.fromkeys(self._tags.draw(self._random, _one(self._random, _TAGS))))


def _happens(random: Random, percent: float) -> bool:
    return random.random() * 100 < percent


def _one(random: Random, shares: dict[Any, int]) -> Any:
    return random.choices(list(shares), list(shares.values()))[0]
