"""GET /api/videos."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Kind, Precision, Tag, Video

pytestmark = pytest.mark.django_db


def ids(client: Client, **params: str) -> list[str]:
    answer = client.get("/api/videos", params)
    assert answer.status_code == 200, answer.content
    return [video["externalId"] for video in answer.json()]


def test_a_video_has_the_names_of_the_contract(client: Client) -> None:
    published = datetime(2026, 1, 20, 9, 30, tzinfo=UTC)
    entry = make_entry(
        "a", published_at=published, published_precision=Precision.EXACT, duration_seconds=61, view_count=7
    )
    channel = make_channel(name="A channel")
    ingest(channel, [entry])
    Video.objects.get().tags.add(Tag.objects.create(name="science"))
    (shown,) = client.get("/api/videos").json()
    assert shown["publishedAt"] == "2026-01-20T09:30:00Z"
    assert (shown["publishedPrecision"], shown["duration"], shown["viewCount"]) == ("exact", 61, 7)
    assert (shown["channel"]["name"], shown["tags"]) == ("A channel", ["science"])


def test_a_date_nobody_knows_is_null(client: Client) -> None:
    ingest(make_channel(), [make_entry("a")])
    (shown,) = client.get("/api/videos").json()
    assert (shown["publishedAt"], shown["publishedPrecision"]) == (None, "unknown")


def test_the_newest_come_first_and_the_oldest_on_request(client: Client) -> None:
    days = {"old": 1, "new": 20, "middle": 10}
    dated = [
        make_entry(name, published_at=datetime(2026, 1, day, tzinfo=UTC), published_precision=Precision.DAY)
        for name, day in days.items()
    ]
    ingest(make_channel(), dated)
    assert ids(client) == ["new", "middle", "old"]
    assert ids(client, sort="oldest") == ["old", "middle", "new"]


def test_a_page_is_cut_by_limit_and_offset(client: Client) -> None:
    ingest(make_channel(), [make_entry(f"v{number}") for number in range(30)])
    assert len(ids(client)) == 24
    assert ids(client, limit="5", offset="10") == [f"v{number}" for number in range(10, 15)]


def test_filters_choose_by_channel_kind_and_platform(client: Client) -> None:
    mine = make_channel()
    ingest(mine, [make_entry("video"), make_entry("short", kind=Kind.SHORT)])
    ingest(make_channel(platform="tiktok"), [make_entry("tiktok")])
    assert ids(client, channelId=str(mine.pk)) == ["video", "short"]
    assert ids(client, kind="short") == ["short"]
    assert ids(client, platform="tiktok") == ["tiktok"]


def test_what_an_operator_deleted_is_not_shown(client: Client) -> None:
    ingest(make_channel(), [make_entry("a")])
    video = Video.objects.get()
    Video.objects.all().tombstone()
    assert ids(client) == []
    assert client.get(f"/api/videos/{video.pk}").status_code == 404


def test_a_video_is_found_by_id_and_by_slug(client: Client) -> None:
    ingest(make_channel(), [make_entry("a")])
    video = Video.objects.get()
    assert client.get(f"/api/videos/{video.pk}").json() == client.get(f"/api/videos/{video.slug}").json()


@pytest.mark.parametrize("count", [1, 24])
def test_the_number_of_statements_does_not_grow_with_the_list(
    count: int, client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    ingest(make_channel(), [make_entry(f"v{number}") for number in range(count)])
    with django_assert_num_queries(1):
        client.get("/api/videos")


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ({"sort": "best"}, "sort"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1000000000"}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"offset": "10001"}, "offset"),
        ({"kind": "movie"}, "kind"),
        ({"channelId": "x"}, "channelId"),
        ({"platform": "\x00"}, "platform"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_parameter_is_named_with_what_it_takes(params: dict[str, str], parameter: str, client: Client) -> None:
    answer = client.get("/api/videos", params)
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["details"]["parameter"]) == ("BAD_PARAMETER", parameter)


@pytest.mark.parametrize(
    "path", ["/api/videos/nothing", "/api/nothing", "/api", "/api/videos/00000000-0000-0000-0000-000000000000"]
)
def test_what_is_not_there_is_a_404_in_the_form_of_the_api(path: str, client: Client) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "NOT_FOUND"


def test_a_wrong_method_is_a_405(client: Client) -> None:
    assert client.post("/api/videos").status_code == 405
