"""The Atom feeds, as feed readers read them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import feedparser
import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client

from nisam.freshness.declare import declared
from tests.builders import make_channel, make_entry
from videos.feeds import ENTRIES
from videos.ingest import ingest
from videos.models import Category, Precision, Tag, Video

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
DAY = datetime(2026, 1, 20, 9, 30, tzinfo=UTC)


def read(client: Client, path: str = "/feeds/videos.atom") -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(answer.content)
    assert (parsed.bozo, parsed.version) == (False, "atom10")
    return parsed


def titles(client: Client, path: str) -> list[str]:
    return [entry.title for entry in read(client, path).entries]


def test_an_entry_says_what_is_known_of_a_video(client: Client) -> None:
    picture = "https://i.example/ä.jpg?a=1&b=2"
    entry = make_entry(
        "a", title="Fish & <b>chips</b>", description="One\ntwo <script>", thumbnail_url=picture,
        published_at=DAY, published_precision=Precision.EXACT,
    )  # fmt: skip
    ingest(make_channel(name="A channel"), [entry])
    (shown,) = read(client).entries
    assert shown.title_detail.type == "text/plain"
    assert (shown.title, shown.link, shown.author) == ("Fish & <b>chips</b>", entry.url, "A channel")
    assert shown.id == Video.objects.get().pk.urn
    assert (shown.published, shown.updated) == ("2026-01-20T09:30:00+00:00",) * 2
    assert shown.media_thumbnail == [{"url": "https://i.example/%C3%A4.jpg?a=1&b=2"}]
    assert "<p>One<br" in shown.summary


def test_markup_in_a_description_is_text(client: Client) -> None:
    ingest(make_channel(), [make_entry("a", description="1 < 2 <script>x</script>")])
    summary = fromstring(client.get("/feeds/videos.atom").content).findtext(f"{ATOM}entry/{ATOM}summary")
    assert summary == "<p>1 &lt; 2 &lt;script&gt;x&lt;/script&gt;</p>"


def test_a_date_nobody_knows_is_left_out(client: Client) -> None:
    ingest(make_channel(), [make_entry("a")])
    (shown,) = read(client).entries
    assert "published" not in shown
    assert datetime.fromisoformat(shown.updated) == Video.objects.get().published_at


def test_the_newest_videos_come_first_up_to_a_number(client: Client) -> None:
    entries = [make_entry(f"v{number}", title=f"Video {number}") for number in range(ENTRIES + 5)]
    ingest(make_channel(), entries)
    assert titles(client, "/feeds/videos.atom") == [entry.title for entry in entries[:ENTRIES]]


def test_what_xml_cannot_say_is_left_out(client: Client) -> None:
    ingest(make_channel(name="A\x0bB\uffff"), [make_entry("a", title="C\x01D\ufffe", description="E\x1fF")])
    (shown,) = read(client).entries
    assert (shown.title, shown.author, shown.summary) == ("CD", "AB", "<p>EF</p>")


def test_a_feed_is_what_it_was_until_something_changes(client: Client, clock: Callable[[str], Any]) -> None:
    time = clock("2026-01-26T18:00:00Z")
    for entries in ([], [make_entry("a")]):
        ingest(make_channel(), entries)
        before = client.get("/feeds/videos.atom").content
        time.shift(3600)
        assert client.get("/feeds/videos.atom").content == before


def test_a_feed_is_dated_by_its_newest_entry(client: Client) -> None:
    assert read(client).feed.updated == "1970-01-01T00:00:00+00:00"
    ingest(make_channel(), [make_entry("a", published_at=DAY, published_precision=Precision.EXACT)])
    assert read(client).feed.updated == "2026-01-20T09:30:00+00:00"


def test_links_are_absolute_and_of_the_host_that_was_asked(client: Client) -> None:
    Tag.objects.create(name="what? 100%")
    path = f"/feeds/tags/{quote('what? 100%')}.atom"
    feed = feedparser.parse(client.get(path, headers={"host": "localhost:8000"}).content).feed
    links = {link.rel: link.href for link in feed.links}
    assert links == {"alternate": "http://localhost:8000/", "self": f"http://localhost:8000{path}"}


def test_the_id_of_a_feed_is_the_same_over_https(client: Client) -> None:
    secure = feedparser.parse(client.get("/feeds/videos.atom", secure=True).content)
    assert secure.feed.id == read(client).feed.id
    assert secure.feed.id.startswith("urn:uuid:")


def test_a_channel_a_category_and_a_tag_have_feeds_of_their_own(client: Client) -> None:
    channel = make_channel(name="A channel")
    ingest(channel, [make_entry("a", title="A")])
    ingest(make_channel(), [make_entry("b", title="B"), make_entry("c", title="C")])
    category, tag = Category.of_name("Science & art"), Tag.of_name("AC/DC")
    category.save()
    tag.save()
    Video.objects.get(title="B").categories.add(category)
    Video.objects.get(title="C").tags.add(tag)
    assert titles(client, f"/feeds/channels/{channel.slug}.atom") == ["A"]
    assert titles(client, f"/feeds/categories/{category.slug}.atom") == ["B"]
    assert titles(client, "/feeds/tags/ac%2Fdc.atom") == titles(client, "/feeds/tags/AC/DC.atom") == ["C"]
    assert read(client, f"/feeds/channels/{channel.slug}.atom").feed.title == "A channel"


def test_what_an_operator_deleted_is_in_no_feed(client: Client) -> None:
    ingest(make_channel(), [make_entry("a")])
    Video.objects.all().tombstone()
    assert titles(client, "/feeds/videos.atom") == []


@pytest.mark.parametrize("kind", ["channels", "categories", "tags"])
@pytest.mark.parametrize("name", ["nothing", "%00"])
def test_a_feed_of_something_unknown_is_a_404(kind: str, name: str, client: Client) -> None:
    answer = client.get(f"/feeds/{kind}/{name}.atom", headers={"accept": "application/atom+xml"})
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_channel_whose_identity_is_unknown_has_no_feed(client: Client) -> None:
    channel = make_channel(external_id=None)
    assert client.get(f"/feeds/channels/{channel.slug}.atom").status_code == 404


def test_an_unknown_parameter_is_a_400(client: Client) -> None:
    assert client.get("/feeds/videos.atom", {"format": "rss"}).status_code == 400


@pytest.mark.parametrize("accept", ["application/atom+xml", "text/html", "*/*"])
def test_a_feed_is_given_to_whatever_asks_for_it(accept: str, client: Client) -> None:
    assert client.get("/feeds/videos.atom", headers={"accept": accept}).status_code == 200


@pytest.mark.parametrize(("kind", "statements"), [("channels", 3), ("categories", 3), ("tags", 3), ("", 2)])
@pytest.mark.parametrize("number", [1, 24])
def test_the_number_of_statements_does_not_grow_with_the_feed(
    kind: str, statements: int, number: int, client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    channel, category, tag = make_channel(), Category.of_name("c"), Tag.of_name("t")
    category.save()
    tag.save()
    ingest(channel, [make_entry() for _ in range(number)])
    category.videos.set(Video.objects.all())
    tag.videos.set(Video.objects.all())
    names = {"channels": channel.slug, "categories": category.slug, "tags": tag.name}
    with django_assert_num_queries(statements):
        entries = titles(client, f"/feeds/{kind}/{names[kind]}.atom" if kind else "/feeds/videos.atom")
    assert len(entries) == number


@pytest.mark.parametrize(
    ("path", "groups"),
    [
        ("/feeds/videos.atom", ("videos",)),
        ("/feeds/channels/x.atom", ("channels", "videos")),
        ("/feeds/categories/x.atom", ("taxonomy", "videos")),
        ("/feeds/tags/x.atom", ("taxonomy", "videos")),
    ],
)
def test_a_feed_says_what_it_is_made_of(path: str, groups: tuple[str, ...]) -> None:
    said = declared(path)
    assert said is not None
    assert said.groups == groups


def test_every_page_names_the_feed(client: Client) -> None:
    assert b'type="application/atom+xml" title="New videos" href="/feeds/videos.atom"' in client.get("/").content
