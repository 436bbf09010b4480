"""Ingest: what is inserted, updated, left alone; odd data; races."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.builders import make_channel, make_entry
from videos.ingest import Ingested, ingest
from videos.models import Kind, Precision, Video

DAY = datetime(2026, 1, 20, tzinfo=UTC)


@pytest.mark.django_db
class TestWhatIsWritten:
    def test_new_changed_and_unchanged_videos_are_told_apart(self) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a", view_count=1), make_entry("b", view_count=1)])
        page = [make_entry("a", view_count=1), make_entry("b", view_count=2), make_entry("c")]
        result = ingest(channel, page)
        assert (result.found, result.added, result.updated, result.unchanged) == (3, 1, 1, 1)
        assert [(video.external_id, video.inserted) for video in result.saved] == [("b", False), ("c", True)]
        assert result.known_ids == {"a", "b"}

    @pytest.mark.parametrize(
        ("field", "value", "unsaid"),
        [
            ("title", "A title", ""),
            ("description", "Words", ""),
            ("thumbnail_url", "https://i.ytimg.com/vi/a/hq.jpg", ""),
            ("view_count", 5, None),
            ("like_count", 0, None),
            ("duration_seconds", 61, None),
            ("live_status", "was_live", ""),
            ("availability", "unlisted", ""),
        ],
    )
    def test_a_value_that_says_nothing_never_overwrites_one_that_does(
        self, field: str, value: Any, unsaid: Any
    ) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a", **{field: value})])
        result = ingest(channel, [make_entry("a", **{field: unsaid})])
        assert result.unchanged == 1
        assert getattr(Video.objects.get(), field) == value

    @pytest.mark.parametrize("worse", [Precision.UNKNOWN, Precision.APPROXIMATE, Precision.DAY])
    def test_a_worse_date_never_overwrites_a_better_one(self, worse: Precision) -> None:
        channel = make_channel()
        better = Precision(worse + 1)
        ingest(channel, [make_entry("a", published_at=DAY, published_precision=better, published_source="feed")])
        later = DAY + timedelta(days=3)
        ingest(channel, [make_entry("a", published_at=later, published_precision=worse, published_source="list")])
        video = Video.objects.get()
        assert (video.published_at, video.published_precision, video.published_source) == (DAY, better, "feed")

    @pytest.mark.parametrize("worse", [Precision.UNKNOWN, Precision.APPROXIMATE, Precision.DAY])
    def test_a_better_date_overwrites_a_worse_one(self, worse: Precision) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a", published_at=DAY, published_precision=worse)])
        exact = DAY + timedelta(hours=7)
        ingest(channel, [make_entry("a", published_at=exact, published_precision=Precision(worse + 1))])
        assert Video.objects.get().published_at == exact

    def test_an_approximate_date_does_not_drift_with_every_visit(self) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a", published_at=DAY, published_precision=Precision.APPROXIMATE)])
        moved = DAY + timedelta(days=20)
        again = ingest(channel, [make_entry("a", published_at=moved, published_precision=Precision.APPROXIMATE)])
        assert again.unchanged == 1
        assert Video.objects.get().published_at == DAY

    def test_videos_without_dates_keep_the_order_of_their_list(self) -> None:
        channel = make_channel()
        ingest(channel, [make_entry(name) for name in ("newest", "middle")])
        ingest(channel, [make_entry("oldest")], position=2)
        order = Video.objects.newest_first().values_list("external_id", flat=True)
        assert list(order) == ["newest", "middle", "oldest"]

    def test_a_short_stays_a_short_when_another_list_calls_it_a_video(self) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a", kind=Kind.SHORT)])
        ingest(channel, [make_entry("a", kind=Kind.VIDEO)])
        assert Video.objects.get().kind == Kind.SHORT

    def test_a_video_that_an_operator_deleted_is_not_brought_back(self) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a")])
        Video.objects.all().tombstone()
        assert ingest(channel, [make_entry("a", title="New title")]).unchanged == 1
        assert not Video.objects.in_catalogue().exists()

    def test_a_restored_video_is_updated_again(self) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a")])
        Video.objects.all().tombstone()
        Video.objects.all().restore()
        assert ingest(channel, [make_entry("a", title="New title")]).updated == 1

    def test_the_same_id_on_two_platforms_is_two_videos(self) -> None:
        ingest(make_channel(), [make_entry("a")])
        ingest(make_channel(platform="tiktok"), [make_entry("a")])
        assert Video.objects.count() == 2

    def test_a_video_stays_with_the_channel_it_was_first_seen_in(self) -> None:
        owner = make_channel()
        ingest(owner, [make_entry("a")])
        ingest(make_channel(), [make_entry("a", title="In a playlist")])
        assert Video.objects.get().channel == owner


@pytest.mark.django_db
class TestOddData:
    def ingest_one(self, **fields: Any) -> tuple[Ingested, Video]:
        result = ingest(make_channel(), [make_entry("a", **fields)])
        return result, Video.objects.get()

    @pytest.mark.parametrize(
        "title",
        [
            "🎬🔥👩‍🚀",
            "مرحبا بالعالم",
            "x" * 300,
            "日本語の動画",
            "a\u202eb",
            "a\\\"b'c%s{}",
        ],
    )
    def test_any_title_is_kept_as_it_is(self, title: str) -> None:
        assert self.ingest_one(title=title)[1].title == title

    def test_half_a_character_is_replaced(self) -> None:
        assert self.ingest_one(title="a\ud83db")[1].title == "a?b"

    def test_an_endless_title_is_cut_not_refused(self) -> None:
        assert self.ingest_one(title="x" * 5000)[1].title == "x" * 1000

    def test_no_title_and_no_thumbnail_are_no_error(self) -> None:
        result, video = self.ingest_one(title="", thumbnail_url="")
        assert result.added == 1
        assert video.slug.startswith("video-")

    def test_nul_bytes_are_left_out(self) -> None:
        _, video = self.ingest_one(title="a\x00b", description="c\x00d")
        assert (video.title, video.description) == ("ab", "cd")

    def test_zero_is_a_count(self) -> None:
        _, video = self.ingest_one(view_count=0, duration_seconds=0)
        assert (video.view_count, video.duration_seconds) == (0, 0)

    @pytest.mark.parametrize("absurd", [-1, 2**63, 10**30])
    def test_an_absurd_count_is_not_believed(self, absurd: int) -> None:
        _, video = self.ingest_one(view_count=absurd, duration_seconds=absurd)
        assert (video.view_count, video.duration_seconds) == (None, None)

    def test_an_entry_that_is_listed_twice_counts_once(self) -> None:
        result = ingest(make_channel(), [make_entry("a"), make_entry("b"), make_entry("a")])
        assert (result.found, result.added) == (2, 2)

    def test_an_empty_page_is_no_error(self) -> None:
        assert ingest(make_channel(), []).found == 0

    def test_two_videos_of_one_title_get_slugs_of_their_own(self) -> None:
        ingest(make_channel(), [make_entry("a", title="Same"), make_entry("b", title="Same")])
        assert len(set(Video.objects.values_list("slug", flat=True))) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 10, 100])
def test_a_page_is_one_statement_and_few_for_the_search_whatever_its_size(
    size: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    channel = make_channel()
    page = [make_entry(f"v{number}") for number in range(size)]
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 4):
        ingest(channel, page)
    with django_assert_num_queries(1):
        assert ingest(channel, page).unchanged == size


@pytest.mark.django_db(transaction=True)
def test_pages_in_opposite_orders_at_the_same_time_lose_nothing_and_count_once() -> None:
    channel = make_channel()
    names = [f"v{number:03}" for number in range(200)]
    barrier = threading.Barrier(8)

    def write(number: int) -> int:
        page = [make_entry(name) for name in (names if number % 2 else reversed(names))]
        barrier.wait()
        try:
            return ingest(channel, page).added
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        added = sum(pool.map(write, range(8)))
    assert added == Video.objects.count() == 200


@pytest.mark.django_db
@pytest.mark.parametrize("platform", ["feed", "peertube"])
def test_a_channel_that_names_anothers_video_changes_nothing_of_it(platform: str) -> None:
    owner, claimant = make_channel(platform=platform), make_channel(platform=platform)
    ingest(owner, [make_entry("a", title="Ours")])
    result = ingest(claimant, [make_entry("a", title="Theirs")])
    video = Video.objects.get()
    assert (video.title, video.channel, result.unchanged) == ("Ours", owner, 1)
