"""A whole made-up catalogue."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from random import Random
from typing import Any

from django.db import transaction

from channels.models import Channel
from nisam.freshness.models import EVERY_FIELD, groups_showing
from nisam.freshness.touch import touch
from videos.generated.channels import MadeChannel, make_channels
from videos.generated.timeline import sizes, timeline
from videos.generated.videos import MadeVideo, VideoMaker
from videos.generated.write import write_rows
from videos.generated.zipf import Zipf, names, vocabulary
from videos.models import Category, Tag, Video, VideoCategory, VideoTag

WORDS = 30_000
PER_CHUNK = 5_000


@dataclass(frozen=True)
class Size:
    """How much there is to be."""

    videos: int
    channels: int
    categories: int
    tags: int


class AlreadyMadeError(Exception):
    """The catalogue of this seed is there already."""


def generate(size: Size, *, seed: int, until: date) -> Iterator[int]:
    """Write a catalogue of which the newest video is from `until`, a commit a chunk; yields how many videos each had.

    The same arguments make the same rows, but for the numbers of categories and tags. Raises AlreadyMadeError, and
    ValueError for sizes that do not go together.
    """
    end = datetime(until.year, until.month, until.day, tzinfo=UTC)
    of_channel = sizes(_chance(seed, "sizes"), size.channels, size.videos)
    words = Zipf(vocabulary(_chance(seed, "words"), WORDS), exponent=1.0, offset=2.7)
    taxonomy = _chance(seed, "taxonomy")
    categories = Zipf(_named(Category, names(taxonomy, words, size.categories)), exponent=0.8, offset=2)
    tags = Zipf(_named(Tag, names(taxonomy, words, size.tags)), exponent=1.2, offset=10)
    channels = make_channels(_chance(seed, "channels"), size.channels, words=words, categories=categories, until=end)
    _write_channels(channels)
    maker = VideoMaker(_chance(seed, "videos"), words=words, categories=categories, tags=tags, until=end)
    moments = timeline(_chance(seed, "times"), [channel.followed_at for channel in channels], of_channel, end)
    made = (maker.make(channels[moment.channel], moment) for moment in moments)
    # The next chunk is made while the database is busy with this one.
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(_take, made)
        while chunk := following.result():
            following = ahead.submit(_take, made)
            _write_chunk(chunk)
            yield len(chunk)


def _take(made: Iterator[MadeVideo]) -> list[MadeVideo]:
    return list(islice(made, PER_CHUNK))


def _chance(seed: int, part: str) -> Random:
    """A source of its own for each part, so that more of one leaves the others as they were."""
    return Random(f"{seed} {part}")  # noqa: S311 - nothing of this is secret


def _named(model: type[Category] | type[Tag], wanted: Sequence[str]) -> list[int]:
    """The numbers of these categories or tags, those that are missing made."""
    return [row.pk for first in range(0, len(wanted), 500) for row in model.objects.named(wanted[first : first + 500])]


@transaction.atomic
def _write_channels(channels: Sequence[MadeChannel]) -> None:
    if Channel.objects.filter(pk=channels[0].id).exists():
        raise AlreadyMadeError
    write_rows(Channel, (channel.row() for channel in channels))
    touch(*groups_showing(Channel, EVERY_FIELD))


@transaction.atomic
def _write_chunk(chunk: Sequence[MadeVideo]) -> None:
    write_rows(Video, (video.row for video in chunk))
    write_rows(VideoCategory, (_related(video) | {"category_id": pk} for video in chunk for pk in video.categories))
    write_rows(VideoTag, (_related(video) | {"tag_id": pk} for video in chunk for pk in video.tags))
    touch(*(group for model in (Video, Channel, Category, Tag) for group in groups_showing(model, EVERY_FIELD)))


def _related(video: MadeVideo) -> dict[str, Any]:
    """What the rows of relations say of their video."""
    row = video.row
    return {"video_id": row["id"], "published_at": row["published_at"], "is_deleted": row["deleted_at"] is not None}
