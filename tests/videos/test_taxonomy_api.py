"""GET /api/categories, /api/tags and /api/tags/stats."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Category, Tag, Video

pytestmark = pytest.mark.django_db


def add(name: str, *, categories: tuple[str, ...] = (), tags: tuple[str, ...] = ()) -> None:
    ingest(make_channel(), [make_entry(name)])
    video = Video.objects.get(external_id=name)
    video.categories.set(Category.objects.named(categories))
    video.tags.set(Tag.objects.named(tags))


def rows(client: Client, path: str, **params: str) -> list[dict[str, Any]]:
    answer = client.get(path, params)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()
    return found


def test_categories_are_listed_by_name_with_the_number_of_their_videos(client: Client) -> None:
    Category.objects.named(["Empty"])
    add("a", categories=("Science", "Music"))
    add("b", categories=("Science",))
    shown = rows(client, "/api/categories")
    assert [(row["name"], row["videoCount"]) for row in shown] == [("Empty", 0), ("Music", 1), ("Science", 2)]
    assert {row["id"] for row in shown} == {str(UUID(int=category.pk)) for category in Category.objects.all()}


def test_deleted_videos_do_not_count(client: Client) -> None:
    add("a", categories=("Music",), tags=("loud",))
    add("b", categories=("Music",), tags=("loud",))
    Video.objects.filter(external_id="a").tombstone()
    assert rows(client, "/api/categories")[0]["videoCount"] == 1
    assert rows(client, "/api/tags/stats") == [{"tagName": "loud", "count": 1}]


def test_a_category_is_found_by_its_slug(client: Client) -> None:
    add("a", categories=("Science & Technology", "日本語"))
    for category in rows(client, "/api/categories"):
        assert client.get(f"/api/categories/{category['slug']}").json() == category


def test_an_unknown_category_is_a_404(client: Client) -> None:
    assert client.get("/api/categories/nothing").json()["code"] == "NOT_FOUND"


def test_tags_are_listed_by_name_each_with_an_id(client: Client) -> None:
    tags = Tag.objects.named(["b", "a", "c"])
    shown = rows(client, "/api/tags")
    assert [row["name"] for row in shown] == ["a", "b", "c"]
    assert shown[1] == {"id": str(UUID(int=tags[0].pk)), "name": "b"}


def test_tags_are_looked_for_by_a_part_of_their_names(client: Client) -> None:
    Tag.objects.named(["Volcano", "old volcanoes", "100%", "sea"])
    assert [row["name"] for row in rows(client, "/api/tags", search="VOLCANO")] == ["Volcano", "old volcanoes"]
    assert [row["name"] for row in rows(client, "/api/tags", search="%")] == ["100%"]
    assert [row["tagName"] for row in rows(client, "/api/tags/stats", search="sea")] == ["sea"]


def test_the_most_used_tags_come_first_in_the_statistics(client: Client) -> None:
    add("a", tags=("one", "two", "three"))
    add("b", tags=("two", "three"))
    add("c", tags=("three",))
    Tag.objects.named(["none"])
    shown = rows(client, "/api/tags/stats")
    assert [(row["tagName"], row["count"]) for row in shown] == [("three", 3), ("two", 2), ("one", 1), ("none", 0)]
    assert rows(client, "/api/tags/stats", limit="1") == shown[:1]


@pytest.mark.parametrize("path", ["/api/tags", "/api/tags/stats", "/api/categories"])
@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"offset": "-1"}, {"sort": "name"}, {"search": "a\x00"}, {"x": "1"}]
)
def test_a_bad_parameter_is_named(path: str, query: dict[str, str], client: Client) -> None:
    answer = client.get(path, query)
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, next(iter(query)))


@pytest.mark.parametrize("model", [Category, Tag])
@pytest.mark.parametrize("name", ["Žena", "Наука и жизнь", "日本語", "İstanbul", "straße", "Ångström  unit"])
def test_a_name_is_made_once_and_found_again(model: type[Category] | type[Tag], name: str) -> None:
    made = model.objects.named([name])
    assert len(made) == 1
    assert model.objects.named([name]) == made
    assert model.objects.known_as(made[0].name) == made[0]


@pytest.mark.parametrize("model", [Category, Tag])
@pytest.mark.parametrize("first", ["žena", "Žena", "ŽENA"])
@pytest.mark.parametrize("second", ["žena", "Žena", "ŽENA"])
def test_capitals_make_no_second_name(model: type[Category] | type[Tag], first: str, second: str) -> None:
    assert model.objects.named([first]) == model.objects.named([second])
    assert model.objects.count() == 1
