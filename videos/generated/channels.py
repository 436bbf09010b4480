"""Made-up channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from nisam.lib.slugs import unique_slug
from videos.generated.zipf import Zipf

# How many of a hundred channels are where.
_PLATFORMS = {"youtube": 80, "peertube": 10, "tiktok": 9, "feed": 1}
_HOMES = {
    "youtube": "https://www.youtube.com/channel/{}",
    "peertube": "https://tube.example/c/{}",
    "tiktok": "https://www.tiktok.com/@{}",
    "feed": "https://{}.example/feed.xml",
}


@dataclass(frozen=True)
class MadeChannel:
    """What the videos of a channel take from it; `fame` multiplies their views."""

    id: UUID
    platform: str
    name: str
    followed_at: datetime
    categories: Sequence[int]
    fame: float

    def row(self) -> dict[str, Any]:
        """The values of its row that are not the defaults."""
        handle = f"{self.name.replace(' ', '').lower()}{self.id.hex[:4]}"
        return {
            "id": self.id,
            "platform": self.platform,
            "external_id": f"UC{self.id.hex[:22]}" if self.platform == "youtube" else handle,
            "slug": unique_slug(self.name, self.id, "channel"),
            "name": self.name,
            "handle": f"@{handle}",
            "url": _HOMES[self.platform].format(handle),
            "avatar_url": f"https://img.example/{self.id.hex}.jpg",
            "follower_count": int(20_000 * self.fame),
            "last_scraped_at": self.followed_at,
            "created_at": self.followed_at,
            "updated_at": self.followed_at,
        }


def make_channels(
    random: Random, number: int, *, words: Zipf[str], categories: Zipf[int], until: datetime
) -> list[MadeChannel]:
    """So many channels, followed at some time of the four years before `until`."""
    return [
        MadeChannel(
            id=UUID(int=random.getrandbits(128), version=4),
            platform=random.choices(list(_PLATFORMS), list(_PLATFORMS.values()))[0],
            name=" ".join(words.draw(random, random.choice((1, 2, 2, 3)))).title(),
            followed_at=until - timedelta(seconds=random.randrange(1, 4 * 365 * 86_400)),
            categories=categories.draw(random, random.choice((1, 1, 1, 2))),
            fame=random.lognormvariate(0, 1.2),
        )
        for _ in range(number)
    ]
