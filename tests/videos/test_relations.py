"""The rows of tags and categories, and documents: they say what their videos say, whoever writes either."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value

from nisam.lib.keyset import Order, _part
from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Category, Precision, SearchDocument, Tag, Video, VideoCategory, VideoTag
from videos.orders import NEWEST, OLDEST

pytestmark = pytest.mark.django_db
REPEATING: tuple[Any, ...] = (VideoTag, VideoCategory, SearchDocument)
DAY = datetime(2020, 5, 17, tzinfo=UTC)


@pytest.fixture
def video() -> Video:
    """A video with a tag and a category."""
    ingest(make_channel(), [_entry(datetime(2019, 1, 1, tzinfo=UTC))])
    video = Video.objects.get()
    video.tags.set(Tag.objects.named(["one"]))
    video.categories.set(Category.objects.named(["one"]))
    return video


def _entry(published_at: datetime) -> Any:
    return make_entry("v1", published_at=published_at, published_precision=Precision.EXACT, published_source="page")


def _repeated() -> set[tuple[datetime, bool]]:
    """What all rows of relations and all documents say; there must be some of each."""
    said = [set(rows.objects.values_list("published_at", "is_deleted")) for rows in REPEATING]
    assert all(said)
    return set().union(*said)


def _save(video: Video) -> None:
    video.published_at = DAY
    video.save()


def _sql(video: Video) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE videos_video SET published_at = %s WHERE slug = %s", [DAY, video.slug])


def _bulk_update(video: Video) -> None:
    video.published_at = DAY
    Video.objects.bulk_update([video], ["published_at"])


@pytest.mark.parametrize(
    "write",
    [
        _save,
        _sql,
        _bulk_update,
        lambda video: Video.objects.filter(pk=video.pk).update(published_at=DAY),
        lambda video: ingest(video.channel, [_entry(DAY)]),
    ],
    ids=["save", "SQL", "bulk_update", "update", "ingest"],
)
def test_a_videos_new_date_is_in_what_repeats_it_whoever_writes_it(write: Callable[[Video], Any], video: Video) -> None:
    write(video)
    assert _repeated() == {(DAY, False)}


def test_a_deletion_and_taking_it_back_are_in_what_repeats_them(video: Video) -> None:
    Video.objects.tombstone()
    assert _repeated() == {(video.published_at, True)}
    Video.objects.restore()
    assert _repeated() == {(video.published_at, False)}


def _create(video: Video, tag: Tag) -> None:
    VideoTag.objects.create(video=video, tag=tag)


@pytest.mark.parametrize(
    "write",
    [
        _create,
        lambda video, tag: VideoTag(video=video, tag=tag).save(),
        lambda video, tag: VideoTag.objects.bulk_create([VideoTag(video=video, tag=tag)]),
        lambda video, tag: video.tags.add(tag),
        lambda video, tag: video.tags.set([tag]),
        lambda video, tag: tag.videos.add(video),
        lambda video, tag: video.edit(tags=[tag]),
    ],
    ids=["create", "save", "bulk_create", "add", "set", "add a video", "edit"],
)
def test_a_new_tag_of_a_video_says_what_the_video_says(write: Callable[[Video, Tag], Any], video: Video) -> None:
    Video.objects.tombstone()
    write(video, Tag.objects.create(name="two"))
    assert VideoTag.objects.filter(tag__name="two").count() == 1
    assert _repeated() == {(video.published_at, True)}


def test_what_a_video_does_not_say_is_refused(video: Video) -> None:
    def write() -> None:
        with transaction.atomic():
            VideoTag.objects.update(published_at=DAY)
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        write()


def test_a_tag_that_a_video_has_already_is_no_error(video: Video) -> None:
    VideoTag.objects.bulk_create([VideoTag(video=video, tag=Tag.objects.get())])
    assert VideoTag.objects.count() == 1


def test_a_tag_of_no_video_is_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        VideoTag.objects.create(video_id=make_channel().pk, tag=Tag.objects.create(name="one"))


@pytest.mark.parametrize("gone", [Video, Tag, Category], ids=lambda model: model.__name__)
def test_relations_go_with_what_they_join(gone: type[Any], video: Video) -> None:
    gone.objects.all().delete()
    left = {rows for rows in (VideoTag, VideoCategory) if rows.objects.exists()}
    assert left == {Video: set(), Tag: {VideoCategory}, Category: {VideoTag}}[gone]


@pytest.mark.parametrize("order", [NEWEST, OLDEST], ids=lambda order: order.name)
def test_a_page_of_a_tag_is_read_in_the_relations_own_index_without_sorting(order: Order) -> None:
    entries = [replace(_entry(DAY + timedelta(hours=number)), external_id=f"v{number}") for number in range(3000)]
    ingest(make_channel(), entries)
    popular, other = Tag.objects.named(["popular", "other"])
    ids = list(Video.objects.values_list("pk", flat=True))
    VideoTag.objects.bulk_create(
        VideoTag(video_id=pk, tag=popular if place % 3 else other) for place, pk in enumerate(ids)
    )
    with connection.cursor() as cursor:
        for rows in (Video, VideoTag):
            cursor.execute(f"ANALYZE {rows._meta.db_table}")
    videos = Video.objects.in_catalogue().tagged(popular.pk)
    place = Value(DAY + timedelta(hours=1500)), Value(ids[0])
    plan = _part(videos, order, slice(0, 25), place, None, backwards=False).explain()
    assert "videotag_by_date" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def at_once(*works: Callable[[], None]) -> None:
    """Do all of it in threads; raises what one of them raised."""

    def closing(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(closing, work) for work in works]:
            done.result()


@pytest.mark.django_db(transaction=True)
def test_a_tag_that_many_videos_lose_and_an_ingest_of_them_do_not_wait_for_each_other() -> None:
    channel, (tag,) = make_channel(), Tag.objects.named(["one"])
    entries = [replace(_entry(DAY), external_id=f"{'vV'[number % 2]}{number}") for number in range(300)]
    ingest(channel, entries)
    videos = list(Video.objects.all())

    def write_dates() -> None:
        for day in range(20):
            ingest(channel, [replace(entry, published_at=DAY + timedelta(days=day)) for entry in entries])

    def write_tags() -> None:
        for _ in range(20):
            VideoTag.objects.bulk_create(VideoTag(video=video, tag=tag) for video in videos)
            VideoTag.objects.filter(tag=tag).delete()

    at_once(write_dates, write_tags)
    assert set(Video.objects.values_list("published_at", flat=True)) == {DAY + timedelta(days=19)}


@pytest.mark.django_db(transaction=True)
def test_dates_and_tags_that_are_written_at_the_same_time_stay_in_step() -> None:
    channel = make_channel()
    entries = [replace(_entry(DAY), external_id=f"v{number}") for number in range(8)]
    ingest(channel, entries)
    tags = Tag.objects.named(["one", "two", "three"])
    videos = list(Video.objects.all())

    def write_dates(number: int) -> None:
        for day in range(15):
            moment = DAY + timedelta(days=100 * number + day)
            ingest(channel, [replace(entry, published_at=moment) for entry in entries])

    def write_tags(number: int) -> None:
        for turn in range(60):
            videos[(number + turn) % len(videos)].tags.set(tags[turn % 2 :])
            videos[turn % len(videos)].tags.remove(tags[2])

    at_once(*[partial(work, number) for number in range(2) for work in (write_dates, write_tags)])
    for rows in (VideoTag, SearchDocument):
        assert rows.objects.exists()
        assert not rows.objects.exclude(published_at=F("video__published_at")).exists()


@pytest.mark.django_db(transaction=True)
def test_the_migration_takes_pairs_over_and_gives_them_back(video: Video) -> None:
    Video.objects.tombstone()
    call_command("migrate", "videos", "0004", verbosity=0)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM videos_video_tags JOIN videos_video_categories USING (video_id)")
            assert cursor.fetchone() == (1,)
    finally:
        call_command("migrate", verbosity=0)
    assert _repeated() == {(video.published_at, True)}
    assert (VideoTag.objects.count(), VideoCategory.objects.count()) == (1, 1)
