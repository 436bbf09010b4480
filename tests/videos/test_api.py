"""GET /api/videos."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.builders import make_channel, make_entry
from videos.api.catalogue import VideoList
from videos.ingest import ingest
from videos.models import Category, FormerSlug, Kind, Precision, Tag, Video

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


def test_a_category_is_chosen_by_the_id_that_the_api_shows(client: Client) -> None:
    ingest(make_channel(), [make_entry("a"), make_entry("b")])
    Video.objects.get(external_id="b").categories.set(Category.objects.named(["Music", "Other"]))
    for category in client.get("/api/categories").json():
        assert UUID(category["id"])
        assert ids(client, categoryId=category["id"]) == ["b"]
    for unknown in (UUID(int=0), UUID(int=999), UUID(int=2**64), UUID(int=2**128 - 1)):
        assert ids(client, categoryId=str(unknown)) == []


@pytest.mark.parametrize("typed", ["žena 日本", "Žena 日本", "ŽENA 日本"])
@pytest.mark.parametrize("stored", ["žena 日本", "Žena 日本", "ŽENA 日本"])
def test_a_tag_is_chosen_by_its_name_whatever_its_capitals(stored: str, typed: str, client: Client) -> None:
    ingest(make_channel(), [make_entry("a"), make_entry("b")])
    Video.objects.get(external_id="b").tags.set(Tag.objects.named([stored]))
    assert Tag.objects.named([typed]) == Tag.objects.named([stored])
    assert ids(client, tagName=typed) == ["b"]
    assert ids(client, tagName="nobody used it") == []


def test_dates_choose_from_the_first_moment_to_before_the_second(client: Client) -> None:
    dated = [
        make_entry(f"{day}", published_at=datetime(2026, 1, day, tzinfo=UTC), published_precision=Precision.DAY)
        for day in (1, 10, 20)
    ]
    ingest(make_channel(), [*dated, make_entry("unknown")])
    assert ids(client, publishedAfter="2026-01-10") == ["20", "10"]
    assert ids(client, publishedBefore="2026-01-10") == ["1"]
    assert ids(client, publishedAfter="2026-01-01T00:00:01Z", publishedBefore="2026-01-20T01:00:00+01:00") == ["10"]


def test_videos_whose_date_nobody_knows_are_neither_before_nor_after(client: Client) -> None:
    ingest(make_channel(), [make_entry("unknown")])
    assert ids(client, publishedAfter="1970-01-01") == []
    assert ids(client, publishedBefore="2100-01-01") == []


def test_filters_search_and_order_work_together(client: Client) -> None:
    mine, other = make_channel(), make_channel()
    ingest(mine, [make_entry("a", title="A volcano", view_count=1), make_entry("b", title="Volcano", view_count=2)])
    ingest(mine, [make_entry("c", title="A sea"), make_entry("d", title="Volcano", kind=Kind.SHORT)])
    ingest(other, [make_entry("e", title="Volcano")])
    assert ids(client, channelId=str(mine.pk), kind="video", search="volcano", sort="views") == ["b", "a"]


def test_shorts_are_the_shorts_alone(client: Client) -> None:
    ingest(make_channel(), [make_entry("video"), make_entry("a", kind=Kind.SHORT)])
    ingest(make_channel(platform="tiktok"), [make_entry("b", kind=Kind.SHORT)])
    shown = [[row["externalId"] for row in client.get(f"/api/shorts{query}").json()] for query in ("", "?limit=1")]
    assert sorted(shown[0]) == ["a", "b"]
    assert len(shown[1]) == 1
    assert [row["externalId"] for row in client.get("/api/shorts?platform=tiktok").json()] == ["b"]


def test_views_and_likes_are_the_platforms_and_our_own_together(client: Client) -> None:
    ingest(make_channel(), [make_entry("a", view_count=7, like_count=0), make_entry("b"), make_entry("c")])
    Video.objects.exclude(external_id="c").update(own_views=2, own_likes=1)
    shown = {row["externalId"]: (row["viewCount"], row["likeCount"]) for row in client.get("/api/videos").json()}
    assert shown == {"a": (9, 1), "b": (2, 1), "c": (None, None)}


def test_what_is_known_to_be_zero_is_not_null(client: Client) -> None:
    ingest(make_channel(), [make_entry("a", view_count=0, like_count=0, duration_seconds=0)])
    (shown,) = client.get("/api/videos").json()
    assert (shown["viewCount"], shown["likeCount"], shown["duration"]) == (0, 0, 0)


@pytest.mark.parametrize("sort", ["views", "popularity", "createdAt", "publishDate", "oldest"])
def test_every_order_shows_every_video_also_those_of_which_nothing_is_known(sort: str, client: Client) -> None:
    ingest(make_channel(), [make_entry("a"), make_entry("b", view_count=5)])
    assert sorted(ids(client, sort=sort)) == ["a", "b"]


def test_most_viewed_counts_our_own_views(client: Client) -> None:
    ingest(make_channel(), [make_entry("a", view_count=5), make_entry("b", view_count=4), make_entry("c")])
    Video.objects.filter(external_id="b").update(own_views=3)
    assert ids(client, sort="views") == ["b", "a", "c"]


def test_what_an_operator_deleted_is_shown_nowhere(client: Client) -> None:
    channel = make_channel()
    ingest(channel, [make_entry("gone", title="Gone", kind=Kind.SHORT, view_count=5), make_entry("like it")])
    video = Video.objects.get(external_id="gone")
    for one in Video.objects.all():
        one.tags.set(Tag.objects.named(["shared"]))
        one.categories.set(Category.objects.named(["Topic"]))
    Video.objects.filter(pk=video.pk).update(featured_at=timezone.now(), trend=2000.0)
    FormerSlug.objects.create(video=video, slug="once")
    paths = ["videos", "videos?search=gone", "videos?kind=short", "videos?tagName=shared", "videos/hero", "shorts"]
    paths += ["videos/carousels", "videos?sort=views", f"videos/{Video.objects.get(external_id='like it').pk}/similar"]
    assert all(str(video.pk) in client.get(f"/api/{path}").content.decode() for path in paths)
    Video.objects.filter(pk=video.pk).tombstone()
    assert not any(str(video.pk) in client.get(f"/api/{path}").content.decode() for path in paths)
    for path in (str(video.pk), video.slug, "once", f"{video.pk}/similar"):
        assert client.get(f"/api/videos/{path}").status_code == 404
    assert client.get("/api/tags/stats").json() == [{"tagName": "shared", "count": 1}]
    assert client.get("/api/categories").json()[0]["videoCount"] == 1
    assert client.get("/api/channels").json()[0]["videoCount"] == 1


def test_a_former_slug_leads_to_the_present_one(client: Client) -> None:
    ingest(make_channel(), [make_entry("a", title="日本語")])
    video = Video.objects.get()
    FormerSlug.objects.create(video=video, slug="once")
    answer = client.get("/api/videos/once")
    assert answer.status_code == 301
    assert client.get(answer.headers["Location"]).json()["id"] == str(video.pk)


def test_a_video_on_its_own_page_has_what_lists_leave_out(client: Client) -> None:
    ingest(make_channel(), [make_entry("a")])
    Video.objects.update(
        chapters=[{"start": 0, "end": 9, "title": "x"}], caption_languages={"manual": ["sl"]}, unavailable_reason="Why."
    )
    shown = client.get(f"/api/videos/{Video.objects.get().pk}").json()
    more = {"captionLanguages": {"manual": ["sl"]}, "unavailableReason": "Why."}
    assert shown == {**client.get("/api/videos").json()[0], "chapters": shown["chapters"], **more}
    assert shown["chapters"] == [{"start": 0, "end": 9, "title": "x"}]


def test_a_video_is_found_by_id_and_by_slug(client: Client) -> None:
    ingest(make_channel(), [make_entry("a")])
    video = Video.objects.get()
    assert client.get(f"/api/videos/{video.pk}").json() == client.get(f"/api/videos/{video.slug}").json()


@pytest.mark.parametrize("number", [1, 100])
@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("videos", 1),
        ("videos?count=true&limit=100", 2),
        ("videos?sort=popularity&kind=short&limit=100", 1),
        ("videos?tagName=topic+0", 2),
        ("videos?categoryId=00000000-0000-0000-0000-000000000001", 1),
        ("shorts", 1),
        ("videos/{video}", 1),
        ("videos/{video}/similar", 4),
        ("videos/once", 2),
        ("categories", 1),
        ("categories/shared", 1),
        ("tags", 1),
        ("tags/stats", 1),
        ("channels", 1),
        ("channels/{channel}", 1),
        ("videos/hero", 2),
        ("videos/carousels", 8),
        ("videos/carousels?sections=recent,popular", 3),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_catalogue(
    path: str, statements: int, number: int, client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    channel = make_channel()
    ingest(channel, [make_entry(f"v{place}", kind=Kind.SHORT, view_count=5) for place in range(number)])
    videos = list(Video.objects.all())
    topics = [f"topic {place % 20}" for place in range(number)]
    joined: list[tuple[Any, Any]] = [(Tag, Video.tags.through), (Category, Video.categories.through)]
    for model, through in joined:
        rows = {row.name: row.pk for row in model.objects.named([*topics, "shared"])}
        column = f"{model._meta.model_name}_id"
        pairs = [(video, rows[name]) for video, topic in zip(videos, topics, strict=True) for name in (topic, "shared")]
        through.objects.bulk_create(through(video=video, **{column: row}) for video, row in pairs)
    Video.objects.update(featured_at=timezone.now(), trend=2000.0)
    FormerSlug.objects.create(video=videos[0], slug="once")
    with django_assert_num_queries(statements):
        answer = client.get("/api/" + path.format(video=videos[0].pk, channel=channel.slug))
    assert answer.status_code in {200, 301}


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
        ({"platform": "x" * 41}, "platform"),
        ({"categoryId": "7"}, "categoryId"),
        ({"tagName": "x" * 101}, "tagName"),
        ({"tagName": "a\x00"}, "tagName"),
        ({"search": "x" * 10_000}, "search"),
        ({"search": "a\x00"}, "search"),
        ({"sort": "relevance"}, "sort"),
        ({"sort": ""}, "sort"),
        ({"count": "yes"}, "count"),
        ({"publishedAfter": "yesterday"}, "publishedAfter"),
        ({"publishedAfter": "0001-01-01T00:00:00+14:00"}, "publishedAfter"),
        ({"publishedBefore": "9999-12-31T23:59:59-14:00"}, "publishedBefore"),
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


class TestArbitraryParameters(TestCase):
    """Whatever is sent, the answer is a list or says what is taken."""

    @given(
        path=st.sampled_from(["videos", "shorts", "channels", "categories", "tags", "tags/stats", "videos/carousels"]),
        params=st.dictionaries(st.sampled_from([*VideoList.public.parameters, "sections"]), st.text(max_size=30)),
    )
    def test_text(self, path: str, params: dict[str, str]) -> None:
        assert self.client.get(f"/api/{path}", params).status_code in {200, 400}

    @given(key=st.text(min_size=1, max_size=50))
    def test_keys(self, key: str) -> None:
        for path in ("videos/{}", "videos/{}/similar", "categories/{}", "channels/{}"):
            asked = path.format(quote(key, safe=""))
            assert self.client.get(f"/api/{asked}").status_code == 404

    @given(
        name=st.sampled_from(["publishedAfter", "publishedBefore"]),
        moment=st.datetimes(timezones=st.timezones() | st.just(UTC)),
    )
    def test_times(self, name: str, moment: datetime) -> None:
        assert self.client.get("/api/videos", {name: moment.isoformat()}).status_code in {200, 400}
