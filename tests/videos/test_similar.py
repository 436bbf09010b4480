"""GET /api/videos/{id or slug}/similar."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from channels.models import Channel
from tests.builders import make_channel, make_entry
from videos import similar
from videos.ingest import ingest
from videos.models import Precision, Tag, Video

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 1, 20, tzinfo=UTC)


def add(name: str, *tags: str, age: int = 0, channel: Channel | None = None) -> Video:
    entry = make_entry(name, published_at=DAY - timedelta(days=age), published_precision=Precision.EXACT)
    ingest(channel or make_channel(), [entry])
    video = Video.objects.get(external_id=name)
    video.tags.set(Tag.objects.named(tags))
    return video


def like(video: Video, client: Client, **params: str) -> list[str]:
    answer = client.get(f"/api/videos/{video.slug}/similar", params)
    assert answer.status_code == 200, answer.content
    return [row["externalId"] for row in answer.json()]


def test_those_that_share_most_tags_come_first_the_newest_among_equals(client: Client) -> None:
    video = add("it", "a", "b", "c")
    add("two", "b", "c", "x", age=9)
    add("one old", "a", age=8)
    add("one new", "c", "y", age=1)
    add("none", "x")
    assert like(video, client) == ["two", "one new", "one old"]


def test_the_channels_newest_fill_what_is_left_and_nothing_comes_twice(client: Client) -> None:
    channel = make_channel()
    video = add("it", "a", channel=channel)
    add("old", channel=channel, age=3)
    add("new", channel=channel, age=1)
    add("both", "a", channel=channel, age=2)
    add("elsewhere", "a", age=5)
    assert like(video, client) == ["both", "elsewhere", "new", "old"]


def test_a_tag_of_very_many_videos_says_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "RARE", 3)
    video = add("it", "popular", "rare")
    add("popular a", "popular")
    add("popular b", "popular")
    add("rare", "rare", age=9)
    assert sorted(like(video, client)) == ["popular a", "popular b", "rare"]
    add("popular c", "popular")
    assert like(video, client) == ["rare"]


def test_deleted_videos_are_like_none(client: Client) -> None:
    channel = make_channel()
    video = add("it", "a", channel=channel)
    add("tagged", "a")
    add("of the channel", channel=channel)
    Video.objects.exclude(pk=video.pk).tombstone()
    assert like(video, client) == []


def test_a_video_without_tags_has_its_channel(client: Client) -> None:
    channel = make_channel()
    video = add("it", channel=channel)
    add("other", channel=channel)
    add("elsewhere")
    assert like(video, client) == ["other"]


def test_at_most_twelve_are_shown_and_fewer_on_request(client: Client) -> None:
    channel = make_channel()
    video = add("it", "a", channel=channel)
    for number in range(14):
        add(f"v{number}", *("a" if number < 2 else ""), channel=channel)
    assert len(like(video, client)) == 12
    assert len(like(video, client, limit="3")) == 3


@pytest.mark.parametrize("limit", ["0", "13", "-1", "many"])
def test_a_bad_limit_is_named(limit: str, client: Client) -> None:
    answer = client.get(f"/api/videos/{add('it').pk}/similar", {"limit": limit})
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, "limit")


def test_nothing_is_like_an_unknown_video(client: Client) -> None:
    assert client.get("/api/videos/nothing/similar").status_code == 404
