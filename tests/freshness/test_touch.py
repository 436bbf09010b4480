"""Which writes change the version of which content."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from channels.models import Channel
from dbadmin.models import DatabaseRecord
from nisam.freshness.models import FreshModel, FreshQuerySet, Group, Version
from nisam.freshness.touch import touch
from tests.builders import make_channel, make_entry, make_tab
from videos.ingest import ingest
from videos.models import Category, Tag, Video

pytestmark = pytest.mark.django_db(transaction=True)


def tokens() -> dict[str, str]:
    return dict(Version.objects.values_list("group", "token"))


def changed_by(write: Callable[[], Any]) -> set[str]:
    """The groups that have another version after a write."""
    before = tokens()
    write()
    after = tokens()
    return {group for group in after if after[group] != before.get(group)}


def make_video(external_id: str = "a", **fields: Any) -> Video:
    ingest(make_channel(), [make_entry(external_id, **fields)])
    return Video.objects.get(external_id=external_id)


@transaction.atomic
def raw_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE videos_video SET title = 'new'")
    touch(Group.VIDEOS)


VIDEO_WRITES: dict[str, Callable[[Video], Any]] = {
    "save": lambda video: video.save(),
    "save of a field": lambda video: video.save(update_fields=["title"]),
    "update": lambda video: Video.objects.filter(pk=video.pk).update(title="new"),
    "update through a relation": lambda video: video.channel.videos.update(title="new"),
    "bulk_update": lambda video: Video.objects.bulk_update([video], ["title"]),
    "bulk_create": lambda video: Video.objects.bulk_create([
        Video(channel=video.channel, platform="x", external_id="b", slug="b", published_at=video.published_at)
    ]),
    "update_or_create": lambda video: Video.objects.update_or_create(pk=video.pk, defaults={"title": "new"}),
    "adding to a relation": lambda video: make_channel().videos.add(*[video]),
    "delete of a row": lambda video: video.delete(),
    "delete of a query": lambda video: Video.objects.filter(pk=video.pk).delete(),
    "raw delete": lambda _: Tag.objects.create(name="x") and Tag.objects.all()._raw_delete("default"),
    "delete of its channel": lambda video: video.channel.delete(),
    "ingest": lambda video: ingest(video.channel, [make_entry("a", title="new")]),
    "edit": lambda video: video.edit(title="new"),
    "tombstone": lambda _: Video.objects.tombstone(),
    "tags.add": lambda video: video.tags.add(Tag.objects.create(name="x")),
    "tags.set": lambda video: video.tags.set([Tag.objects.create(name="x")]),
    "a channel's rename": lambda _: Channel.objects.update(name="new"),
    "a tag's rename": lambda _: Tag.objects.create(name="x") and Tag.objects.update(name="y"),
    "raw SQL that says so": lambda _: raw_sql(),
}  # fmt: skip


@pytest.mark.parametrize("write", VIDEO_WRITES.values(), ids=list(VIDEO_WRITES))
def test_every_write_path_of_a_video_changes_the_version_of_the_videos(write: Callable[[Video], Any]) -> None:
    video = make_video()
    assert Group.VIDEOS in changed_by(lambda: write(video))


@pytest.mark.parametrize(
    "remove", [lambda video: video.tags.clear(), lambda video: video.tags.remove(Tag.objects.get())]
)
def test_taking_tags_away_changes_the_version(remove: Callable[[Video], Any]) -> None:
    video = make_video()
    video.tags.add(Tag.objects.create(name="x"))
    assert changed_by(lambda: remove(video)) >= {Group.VIDEOS, Group.TAXONOMY}


def test_a_channels_health_changes_no_version() -> None:
    channel = make_channel()
    tab = make_tab(channel)
    assert changed_by(lambda: tab.failed("timeout", "too slow", next_check_at=channel.created_at)) == set()
    assert changed_by(lambda: Channel.objects.update(error_code="timeout", error_message="too slow")) == set()


def test_that_a_channel_was_read_makes_only_the_channels_new() -> None:
    assert changed_by(make_channel().was_seen) == {Group.CHANNELS}


def test_planning_when_to_read_a_videos_page_changes_no_version() -> None:
    video = make_video()
    assert changed_by(lambda: Video.objects.update(details_due_at=video.created_at)) == set()


def test_featuring_a_video_makes_only_the_hero_new() -> None:
    video = make_video()
    assert changed_by(lambda: Video.objects.update(featured_at=video.created_at)) == {Group.HERO}


def test_an_ingest_of_what_is_known_changes_no_version() -> None:
    video = make_video("a", title="A title")
    assert changed_by(lambda: ingest(video.channel, [make_entry("a", title="A title")])) == set()


def test_an_update_of_nothing_changes_no_version() -> None:
    assert changed_by(lambda: Video.objects.filter(title="nobody").update(title="new")) == set()


def rolled_back() -> None:
    with transaction.atomic():
        Video.objects.update(title="new")
        transaction.set_rollback(True)


def test_what_is_rolled_back_changes_no_version() -> None:
    make_video()
    assert changed_by(rolled_back) == set()


def test_what_is_done_again_after_a_savepoint_was_rolled_back_changes_the_version() -> None:
    make_video()

    @transaction.atomic
    def again() -> None:
        rolled_back()
        Video.objects.update(title="newer")

    assert changed_by(again) == {Group.VIDEOS}


def test_many_writes_in_a_transaction_write_one_version() -> None:
    video = make_video()
    with CaptureQueriesContext(connection) as counted, transaction.atomic():
        video.save(update_fields=["title"])
        video.save(update_fields=["title"])
    assert sum("freshness_version" in query["sql"] for query in counted.captured_queries) == 1


def test_a_touch_outside_a_transaction_is_an_error() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="belongs into the transaction"):
        touch(Group.VIDEOS)


@pytest.mark.parametrize("model", [model for model in apps.get_models() if issubclass(model, FreshModel)])
def test_every_manager_of_a_public_model_tells(model: type[FreshModel]) -> None:
    managers = (model._default_manager, model._base_manager)
    assert all(isinstance(manager.get_queryset(), FreshQuerySet) for manager in managers)


def test_the_models_that_answers_are_made_of_are_these() -> None:
    fresh = {model for model in apps.get_models() if issubclass(model, FreshModel)}
    assert fresh == {Channel, Video, Category, Tag, DatabaseRecord}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_an_ingest_and_a_rename_of_the_same_channel_do_not_deadlock() -> None:
    channel = make_channel()
    locked, ended = threading.Event(), []

    def rename() -> None:
        with transaction.atomic():
            held = Channel.objects.select_for_update().get(pk=channel.pk)
            locked.set()
            time.sleep(0.3)  # the ingest comes as far as it can: it waits for nothing that a test could wait for
            held.name = "renamed"
            held.save()
        ended.append("renamed")
        connection.close()

    renaming = threading.Thread(target=rename)
    renaming.start()
    locked.wait()
    ingest(channel, [make_entry("a")])
    renaming.join()
    assert (ended, Video.objects.count()) == (["renamed"], 1)
