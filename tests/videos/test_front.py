"""GET /api/videos/hero and /api/videos/carousels."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import make_channel, make_entry
from videos import front
from videos.ingest import ingest
from videos.models import Category, Precision, Video

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 1, 20, tzinfo=UTC)


def add(*names: str, **fields: Any) -> None:
    """Videos, the first of them the newest."""
    dates = {"published_at": DAY, "published_precision": Precision.EXACT}
    entries = [
        make_entry(name, **{**dates, "published_at": DAY - timedelta(days=number), **fields})
        for number, name in enumerate(names)
    ]
    ingest(make_channel(), entries)


def change(name: str, **fields: Any) -> None:
    Video.objects.filter(external_id=name).update(**fields)


def sort_into(category: str, *names: str) -> None:
    for video in Video.objects.filter(external_id__in=names):
        video.categories.add(*Category.objects.named([category]))


def hero(client: Client) -> str | None:
    video = client.get("/api/videos/hero").json()
    return video and str(video["externalId"])


def carousels(client: Client, **params: str) -> Any:
    answer = client.get("/api/videos/carousels", params)
    assert answer.status_code == 200, answer.content
    return answer.json()


def names(videos: list[dict[str, Any]]) -> list[str]:
    return [video["externalId"] for video in videos]


def test_the_top_is_what_was_featured_last_else_what_trends_most_else_the_newest_else_nothing(client: Client) -> None:
    assert hero(client) is None
    add("newest", "trends", "trends less", "featured before", "featured")
    assert hero(client) == "newest"
    change("trends", trend=1200.0)
    change("trends less", trend=1100.0)
    assert hero(client) == "trends"
    change("featured", featured_at=timezone.now())
    change("featured before", featured_at=timezone.now() - timedelta(days=1))
    assert hero(client) == "featured"


def test_what_was_featured_and_then_deleted_is_not_at_the_top(client: Client) -> None:
    add("newest", "featured")
    change("featured", featured_at=timezone.now())
    Video.objects.filter(external_id="featured").tombstone()
    assert hero(client) == "newest"


def test_a_video_that_is_deleted_at_this_moment_is_left_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = uuid4()
    monkeypatch.setattr(front, "hero", lambda: gone)
    monkeypatch.setattr(front, "recent", lambda _: [gone])
    assert hero(client) is None
    assert carousels(client, sections="hero,recent") == {"hero": None, "recent": []}


def test_sections_of_an_empty_catalogue_are_there_and_empty(client: Client) -> None:
    assert carousels(client) == {"hero": None, "recent": [], "trending": [], "byCategory": {}, "popular": []}


def test_each_section_is_in_its_own_order(client: Client) -> None:
    add("a", "b", "c")
    for name, views, trend in (("a", 1, 1100.0), ("b", 3, 1000.0), ("c", 2, 1200.0)):
        change(name, view_count=views, trend=trend)
    shown = carousels(client)
    assert names(shown["recent"]) == ["a", "b", "c"]
    assert names(shown["trending"]) == ["c", "a", "b"]
    assert names(shown["popular"]) == ["b", "c", "a"]
    assert shown["hero"]["externalId"] == "c"


def test_what_gained_no_views_is_neither_trending_nor_popular(client: Client) -> None:
    add("a")
    shown = carousels(client)
    assert (shown["trending"], shown["popular"]) == ([], [])


def test_a_video_in_a_section_is_the_same_as_in_a_list(client: Client) -> None:
    add("a", view_count=5)
    (video,) = client.get("/api/videos").json()
    assert carousels(client)["recent"] == [video]
    assert client.get("/api/videos/hero").json() == video


@pytest.mark.parametrize("limit", [1, 2])
def test_every_section_is_cut_by_the_limit(limit: int, client: Client) -> None:
    add("a", "b", "c", view_count=5)
    Video.objects.update(trend=1000.0)
    sort_into("Music", "a", "b", "c")
    shown = carousels(client, limit=str(limit))
    sections = [shown["recent"], shown["trending"], shown["popular"], shown["byCategory"]["Music"]]
    assert [len(section) for section in sections] == [limit] * 4


def test_ten_videos_a_section_are_shown_by_default(client: Client) -> None:
    add(*(f"v{number}" for number in range(12)))
    assert len(carousels(client)["recent"]) == 10


def test_only_the_sections_that_are_asked_for_are_answered(client: Client) -> None:
    add("a")
    assert set(carousels(client, sections="recent, categories")) == {"recent", "byCategory"}
    assert set(carousels(client, sections="hero")) == {"hero"}


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ({"sections": "recent,best"}, "sections"),
        ({"sections": "byCategory"}, "sections"),
        ({"sections": "recent,"}, "sections"),
        ({"sections": "re\x00cent"}, "sections"),
        ({"limit": "0"}, "limit"),
        ({"limit": "25"}, "limit"),
        ({"offset": "1"}, "offset"),
    ],
)
def test_a_bad_parameter_is_named(params: dict[str, str], parameter: str, client: Client) -> None:
    answer = client.get("/api/videos/carousels", params)
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, parameter)


def test_the_top_takes_no_parameters(client: Client) -> None:
    assert client.get("/api/videos/hero?limit=1").status_code == 400


def test_categories_show_their_newest_the_ones_with_most_first(client: Client) -> None:
    add("a", "b", "c")
    sort_into("Music", "b")
    sort_into("Science", "c", "a")
    shown = carousels(client, sections="categories")["byCategory"]
    assert [(name, names(videos)) for name, videos in shown.items()] == [("Science", ["a", "c"]), ("Music", ["b"])]


def test_deleted_videos_are_in_no_category(client: Client) -> None:
    add("a", "b")
    sort_into("Music", "a", "b")
    sort_into("Gone", "a")
    Video.objects.filter(external_id="a").tombstone()
    shown = carousels(client, sections="categories")["byCategory"]
    assert {name: names(videos) for name, videos in shown.items()} == {"Music": ["b"]}


def test_at_most_ten_categories_are_shown(client: Client) -> None:
    add("a")
    for number in range(12):
        sort_into(f"Topic {number}", "a")
    assert len(carousels(client, sections="categories")["byCategory"]) == 10


def test_categories_are_looked_for_among_the_newest(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    add("new", "old")
    sort_into("Of today", "new")
    sort_into("Of long ago", "old")
    monkeypatch.setattr(front, "NEWEST", 1)
    assert set(carousels(client, sections="categories")["byCategory"]) == {"Of today"}
