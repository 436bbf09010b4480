"""Pages by cursor: every row once and in order, and no cursor that breaks anything."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from channels.models import Channel
from nisam.lib.keyset import Place, _statement
from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Category, Kind, Precision, Tag, Video

DAY = datetime(2026, 1, 20, tzinfo=UTC)
SORTS = ("publishDate", "oldest", "createdAt", "views", "popularity")
SOME_ID = "00000000-0000-0000-0000-000000000001"
# Every list, every order, and a value that its cursors hold.
LISTS = {
    "/api/videos": "2026-01-20T00:00:00Z",
    "/api/videos?sort=oldest": "2026-01-20T00:00:00Z",
    "/api/videos?sort=createdAt": "2026-01-20T00:00:00Z",
    "/api/videos?sort=views": 5,
    "/api/videos?sort=popularity": 7.5,
    "/api/videos?search=title": 0.5,
    "/api/shorts": "2026-01-20T00:00:00Z",
    "/api/channels": "A",
    "/api/channels?sort=videoCount": 1,
    "/api/channels?sort=lastScraped": "2026-01-20T00:00:00Z",
    "/api/categories": "A",
    "/api/tags": "a",
    "/api/tags/stats": 1,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def order_of(path: str) -> str:
    default = {"videos": "publishDate", "shorts": "publishDate", "stats": "count"}.get(path.rpartition("/")[2], "name")
    return "relevance" if "search=" in path else path.partition("sort=")[2] or default


def with_cursor(path: str, cursor: str) -> tuple[str, dict[str, str]]:
    name, _, query = path.partition("?")
    return name, {**dict(pair.split("=") for pair in query.split("&") if pair), "cursor": cursor}


def link(answer: Any, relation: str) -> str | None:
    found = re.search(rf'<([^>]*)>; rel="{relation}"', answer.headers.get("Link", ""))
    return found[1] if found else None


def pages(client: Client, path: str | None, relation: str) -> Iterator[Any]:
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.content
        yield answer
        path = link(answer, relation)


def make_videos(number: int) -> None:
    """Videos of which many have the same date, views and trend."""
    entries = [
        make_entry(
            f"v{place:02}",
            view_count=place % 3,
            published_at=DAY + timedelta(days=place % 3),
            published_precision=Precision.DAY,
        )
        for place in range(number)
    ]
    ingest(make_channel(), entries)
    for place, video in enumerate(Video.objects.all()):
        Video.objects.filter(pk=video.pk).update(trend=1000.123456789 + place % 2)


def expect_to_walk_forth_and_back(client: Client, query: str) -> None:
    whole = client.get(f"/api/videos?{query}").json()
    assert len(whole) == 11
    forth = list(pages(client, f"/api/videos?{query}&limit=3", "next"))
    assert [row for page in forth for row in page.json()] == whole
    assert [len(page.json()) for page in forth] == [3, 3, 3, 2]
    back = [page.json() for page in pages(client, link(forth[-1], "prev"), "prev")]
    assert [row for page in reversed(back) for row in page] == whole[:9]


@pytest.mark.django_db
@pytest.mark.parametrize("sort", SORTS)
def test_a_list_with_many_ties_is_walked_to_its_end_and_back(sort: str, client: Client) -> None:
    make_videos(11)
    expect_to_walk_forth_and_back(client, f"sort={sort}")


@pytest.mark.django_db
def test_what_reads_a_page_is_compiled_once_for_the_first_and_once_for_all_after_it(client: Client) -> None:
    make_videos(9)
    _statement.cache_clear()
    assert len(list(pages(client, "/api/videos?limit=2", "next"))) == 5
    assert _statement.cache_info().misses == 2


@pytest.mark.django_db
def test_what_reads_a_page_is_compiled_once_for_all_who_ask_for_the_same_kind_of_thing(client: Client) -> None:
    make_videos(3)
    _statement.cache_clear()
    for kind in ("search=title", "kind=video", "publishedAfter=2026-01-01", "kind=video&search=title", "tagName=x"):
        assert client.get(f"/api/videos?{kind}").status_code == 200
    known = _statement.cache_info().misses
    for kind in ("search=other", "kind=short", "publishedAfter=2026-02-01", "kind=live&search=other", "tagName=y"):
        assert client.get(f"/api/videos?{kind}").status_code == 200
    assert (known, _statement.cache_info().misses) == (5, 5)


@pytest.mark.django_db
def test_shorts_are_walked_to_their_end_and_nothing_else(client: Client) -> None:
    make_videos(8)
    shorts = {str(video.pk) for video in Video.objects.all()[1:6]}
    Video.objects.filter(pk__in=shorts).update(kind=Kind.SHORT)
    shown = [row["id"] for page in pages(client, "/api/shorts?limit=2", "next") for row in page.json()]
    assert (len(shown), set(shown)) == (5, shorts)


@pytest.mark.django_db
@pytest.mark.parametrize("sort", [*SORTS, ""])
@pytest.mark.parametrize("query", ["search=title", "tagName=shared", "tagName=shared&search=title"])
def test_what_is_found_or_tagged_is_walked_to_its_end_and_back(sort: str, query: str, client: Client) -> None:
    make_videos(12)
    Tag.objects.create(name="shared").videos.set(Video.objects.all())
    Video.objects.filter(pk=Video.objects.all()[5].pk).tombstone()
    asked = f"{query}&sort={sort}" if sort else query  # what is found is then in the order of relevance
    expect_to_walk_forth_and_back(client, asked)
    assert client.get(f"/api/videos?{asked}&limit=3&count=true").headers["X-Total-Count"] == "11"


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["publishDate", "createdAt"])
def test_what_comes_in_at_the_top_moves_no_later_page(sort: str, client: Client) -> None:
    make_videos(9)
    before = [row["id"] for row in client.get("/api/videos", {"sort": sort}).json()]
    seen = []
    for number, page in enumerate(pages(client, f"/api/videos?sort={sort}&limit=2", "next")):
        seen += [row["id"] for row in page.json()]
        newer = DAY + timedelta(days=100 + number)
        ingest(make_channel(), [make_entry(published_at=newer, published_precision=Precision.DAY)])
    assert seen == before


@pytest.mark.django_db
def test_walking_back_reaches_what_came_in_at_the_top(client: Client) -> None:
    make_videos(4)
    second = link(client.get("/api/videos?limit=2"), "next")
    assert second
    newest = make_entry("new", published_at=DAY + timedelta(days=100), published_precision=Precision.DAY)
    ingest(make_channel(), [newest])
    back = list(pages(client, link(client.get(second), "prev"), "prev"))
    assert [[row["externalId"] for row in page.json()] for page in back][-1] == ["new"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [path for path in LISTS if not path.startswith(("/api/videos", "/api/shorts"))])
def test_other_lists_are_walked_the_same_way(path: str, client: Client) -> None:
    for name in "abcde":
        make_channel(name=f"Same {name in 'ab'}")
    Category.objects.named([f"Topic {name}" for name in "abcde"])
    Tag.objects.named("abcde")
    whole = client.get(path).json()
    first = f"{path}{'&' if '?' in path else '?'}limit=2"
    walked = list(pages(client, first, "next"))
    assert [row for page in walked for row in page.json()] == whole
    assert len(walked) == 3
    assert link(walked[-1], "prev")


@pytest.mark.django_db
def test_the_first_page_has_no_previous_and_the_last_no_next(client: Client) -> None:
    make_videos(4)
    first = client.get("/api/videos?limit=2")
    last = client.get(link(first, "next") or "")
    assert (link(first, "prev"), link(last, "next")) == (None, None)
    assert "Link" not in client.get("/api/videos").headers


@pytest.mark.django_db
def test_a_link_keeps_filters_and_leaves_the_offset_behind(client: Client) -> None:
    make_videos(6)
    following = link(client.get("/api/videos?kind=video&sort=views&limit=2&offset=2&count=true"), "next") or ""
    assert {"kind=video", "sort=views", "limit=2", "count=true"} <= set(following.partition("?")[2].split("&"))
    assert "offset" not in following


@pytest.mark.django_db
def test_the_count_is_of_the_whole_list_on_every_page_that_asks_for_it(client: Client) -> None:
    make_videos(5)
    first = client.get("/api/videos?limit=2&count=true&publishedAfter=2026-01-21")
    second = client.get(link(first, "next") or "")
    assert (first.headers["X-Total-Count"], second.headers["X-Total-Count"]) == ("3", "3")
    assert "X-Total-Count" not in client.get("/api/videos").headers


@pytest.mark.django_db
def test_a_category_is_counted_as_it_is_listed_beside_another_filter_too(client: Client) -> None:
    make_videos(4)
    (music,) = Category.objects.named(["Music"])
    music.videos.set(Video.objects.all())
    first, second, *_ = Video.objects.all()
    Video.objects.filter(pk=first.pk).tombstone()
    Video.objects.filter(pk=second.pk).update(kind=Kind.SHORT)
    for beside, number in (("", "3"), ("&kind=short", "1"), ("&search=title", "3"), ("&tagName=x", "0")):
        answer = client.get(f"/api/videos?count=true&categoryId={music.public_id}{beside}")
        assert (answer.headers["X-Total-Count"], len(answer.json())) == (number, int(number))


@pytest.mark.django_db
@pytest.mark.parametrize("path", LISTS)
def test_every_list_can_be_counted(path: str, client: Client) -> None:
    name, query = with_cursor(path, "")
    assert client.get(name, {**query, "count": "true"}).headers["X-Total-Count"] == "0"


@pytest.mark.django_db
def test_an_offset_is_bounded_and_stands_alone(client: Client) -> None:
    make_videos(3)
    following = link(client.get("/api/videos?limit=1"), "next") or ""
    assert client.get("/api/videos?offset=10000").json() == []
    for path in ("/api/videos?offset=10001", f"{following}&offset=1"):
        assert client.get(path).json()["details"]["parameter"] == "offset"


@pytest.mark.django_db
@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_of_another_order_is_refused(sort: str, client: Client) -> None:
    make_videos(3)
    other = SORTS[SORTS.index(sort) - 1]
    cursor = (link(client.get(f"/api/videos?sort={other}&limit=1"), "next") or "").partition("cursor=")[2]
    answer = client.get(f"/api/videos?sort={sort}&cursor={cursor}")
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, "cursor")


@pytest.mark.django_db
@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_this_order_is_taken(path: str, client: Client) -> None:
    has_numbers = path.startswith(("/api/tags", "/api/categories"))
    place = [order_of(path), LISTS[path], "1" if has_numbers else SOME_ID, 0]
    name, query = with_cursor(path, packed(place))
    assert client.get(name, query).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/videos", ["publishDate", "2026-01-20T00:00:00", SOME_ID, 0]),
        ("/api/videos", ["publishDate", "0001-01-01T00:00:00+14:00", SOME_ID, 0]),
        ("/api/videos", ["publishDate", "9999-12-31T23:59:59-14:00", SOME_ID, 0]),
        ("/api/videos", ["publishDate", "yesterday", SOME_ID, 0]),
        ("/api/videos", ["publishDate", None, SOME_ID, 0]),
        ("/api/videos", ["publishDate", "2026-01-20T00:00:00Z", "x", 0]),
        ("/api/videos", ["publishDate", "2026-01-20T00:00:00Z", SOME_ID, []]),
        ("/api/videos", ["publishDate", "2026-01-20T00:00:00Z", SOME_ID, 2]),
        ("/api/videos", ["publishDate", "2026-01-20T00:00:00Z", SOME_ID]),
        ("/api/videos?sort=views", ["views", "many", SOME_ID, 0]),
        ("/api/videos?sort=views", ["views", 1e30, SOME_ID, 0]),
        ("/api/videos?sort=views", ["views", [1], SOME_ID, 0]),
        ("/api/videos?sort=popularity", ["popularity", {"a": 1}, SOME_ID, 0]),
        ("/api/tags", ["name", "a\x00", "1", 0]),
        ("/api/tags", ["name", "a", "9" * 30, 0]),
        ("/api/tags", ["name", "a" * 101, "1", 0]),
        ("/api/tags/stats", ["count", "9" * 30, "1", 0]),
    ],
)
def test_a_cursor_that_was_tampered_with_is_refused(path: str, place: list[Any], client: Client) -> None:
    name, query = with_cursor(path, packed(place))
    answer = client.get(name, query)
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, "cursor")


@pytest.mark.parametrize("value", [DAY.isoformat(), 0, 2**63 - 1, 0.1, "Žena 🎬", "a,b;c=d&e"])
def test_a_place_is_read_back_as_it_was_written(value: Any) -> None:
    place = Place("views", value, SOME_ID, backwards=True)
    assert Place.decode(place.encode()) == place


class TestArbitraryCursors(TestCase):
    """Whatever is sent as a cursor, the answer is a page or a 400."""

    def ask(self, path: str, cursor: str) -> int:
        name, query = with_cursor(path, cursor)
        return int(self.client.get(name, query).status_code)

    @given(path=st.sampled_from(list(LISTS)), cursor=st.text(min_size=1, max_size=60))
    def test_text(self, path: str, cursor: str) -> None:
        assert self.ask(path, cursor) == (400 if cursor.strip() else 200)

    @given(path=st.sampled_from(list(LISTS)), value=JSON)
    def test_json(self, path: str, value: Any) -> None:
        assert self.ask(path, packed(value)) == 400

    @given(
        path=st.sampled_from(list(LISTS)),
        value=JSON | st.datetimes().map(str) | st.integers().map(str),
        row_id=st.sampled_from([SOME_ID, "1"]) | st.text(max_size=40) | st.integers().map(str),
        backwards=st.sampled_from([0, 1]) | JSON,
    )
    def test_a_place_of_this_order(self, path: str, value: Any, row_id: str, backwards: Any) -> None:
        Channel.objects.get_or_create(name="One", external_id="one", platform="youtube")
        assert self.ask(path, packed([order_of(path), value, row_id, backwards])) in {200, 400}
