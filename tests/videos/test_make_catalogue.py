"""manage.py make_catalogue: reproducible, whole, refused where it would do harm."""

from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from channels.models import Channel
from nisam.freshness.models import Version
from tests.builders import make_channel, make_entry
from videos.generated.timeline import sizes
from videos.ingest import ingest
from videos.models import Category, Tag, Video

FACTS = (
    "id", "channel_id", "slug", "external_id", "title", "description", "kind", "published_at", "published_precision",
    "created_at", "deleted_at", "duration_seconds", "total_views", "like_count", "own_likes", "trend",
)  # fmt: skip


def make(**options: Any) -> None:
    call_command("make_catalogue", **{"videos": 300, "channels": 10, "tags": 40, "verbosity": 0, **options})


def rows() -> tuple[list[Any], ...]:
    return (
        list(Video.objects.values_list(*FACTS).order_by("id")),
        list(Channel.objects.values_list("id", "slug", "platform", "name").order_by("id")),
        list(Video.objects.values_list("id", "tags__name").order_by("id", "tags__name")),
        list(Video.objects.values_list("id", "categories__name").order_by("id", "categories__name")),
    )


@pytest.mark.django_db(transaction=True)
class TestWhatIsMade:
    def test_the_same_seed_makes_the_same_rows(self) -> None:
        make(seed=7)
        before = rows()
        Channel.objects.all().delete()
        Category.objects.all().delete()
        Tag.objects.all().delete()
        make(seed=7)
        assert rows() == before

    def test_another_seed_makes_other_rows_beside_them(self) -> None:
        make(seed=1)
        make(seed=2, add=True)
        assert (Video.objects.count(), Channel.objects.count()) == (600, 20)

    def test_as_many_as_asked_for_are_made_with_all_that_belongs_to_them(self) -> None:
        make(categories=5)
        assert (Category.objects.count(), Tag.objects.count()) == (5, 40)
        assert not Video.objects.filter(categories=None).exists()
        assert Video.objects.filter(tags=None).exists()
        assert Video.objects.exclude(tags=None).exists()
        assert not Video.objects.exclude(platform=F("channel__platform")).exists()

    def test_a_made_video_is_one_that_can_be_saved(self) -> None:
        make()
        for video in Video.objects.all()[:20]:
            video.full_clean()

    def test_nothing_is_newer_than_it_was_told(self) -> None:
        make(until=date(2020, 5, 17))
        assert Video.objects.latest("published_at").published_at <= datetime(2020, 5, 17, tzinfo=UTC)
        assert Video.objects.latest("created_at").created_at <= datetime(2020, 5, 17, tzinfo=UTC)

    def test_every_group_that_shows_them_gets_a_new_version(self) -> None:
        make(seed=1)
        before = dict(Version.objects.values_list("group", "token"))
        make(seed=2, add=True)
        after = dict(Version.objects.values_list("group", "token"))
        assert {group for group in after if after[group] != before.get(group)} == {
            "videos", "channels", "taxonomy", "hero",
        }  # fmt: skip


@pytest.mark.django_db(transaction=True)
class TestWhatIsRefused:
    def test_a_catalogue_with_videos_is_left_alone(self) -> None:
        ingest(make_channel(), [make_entry()])
        with pytest.raises(CommandError, match="There are videos already"):
            make()
        assert Video.objects.count() == 1

    def test_a_seed_that_is_there_already(self) -> None:
        make(seed=1)
        with pytest.raises(CommandError, match="seed 1 is there already"):
            make(seed=1, add=True)
        assert Video.objects.count() == 300

    @pytest.mark.parametrize(
        ("options", "words"),
        [({"videos": 0}, "--videos takes"), ({"videos": 5, "channels": 10}, "10 channels have from 10 to 200,000")],
    )
    def test_sizes_that_cannot_be(self, options: dict[str, int], words: str) -> None:
        with pytest.raises(CommandError, match=words):
            make(**options)
        assert not Channel.objects.exists()


@pytest.mark.parametrize("videos", [100, 105, 40_000, 2_000_000])
def test_channels_share_all_videos_within_their_bounds(videos: int) -> None:

    found = sizes(Random(1), 100, videos)
    assert (sum(found), min(found) >= 1, max(found) <= 20_000) == (videos, True, True)
