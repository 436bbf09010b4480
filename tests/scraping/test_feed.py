"""Feeds: YouTube's as they were recorded, others from a server on this machine."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.addresses import parse_address
from scraping.door import Door
from scraping.errors import ChannelGoneError, NetworkError, ParseError, UnsupportedError
from scraping.sources.feed import FeedReply, FeedSource, read_feed
from scraping.sources.markup import linked_feeds, plain_text
from tests.recorded import SCENARIOS, named
from tests.scraping.conftest import Site
from videos.ingest import Entry
from videos.models import Kind, Precision

pytestmark = pytest.mark.django_db
Replaying = Callable[..., Any]
KURZGESAGT = "https://www.youtube.com/feeds/videos.xml?channel_id=UCsXVk37bltHxD1rDPwtNM8Q"
PODCAST = """<?xml version="1.0"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Talks &amp; tea</title><link>https://talks.example/</link>
<itunes:image href="https://talks.example/cover.jpg"/>
<item><guid isPermaLink="false">17</guid><title>Cups</title><link>/17</link>
<description>&lt;p&gt;About &lt;b&gt;cups&lt;/b&gt;&lt;/p&gt;&lt;p&gt;and &amp;amp; saucers&lt;/p&gt;</description>
<pubDate>Tue, 03 Mar 2026 10:00:00 +0200</pubDate><itunes:duration>1:02:03</itunes:duration>
<itunes:image href="https://talks.example/17.jpg"/>
<enclosure url="https://talks.example/17.mp3" type="audio/mpeg" length="1"/></item>
<item><guid>https://talks.example/16</guid><title>Saucers</title><media:content url="x.mp4" duration="754"/></item>
<item><title>Neither id nor link</title></item>
</channel></rss>"""
BLOG = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><link href="https://blog.example/"/>
<entry><id>tag:blog.example,2026:1</id><title>One</title><link href="https://blog.example/1"/>
<updated>2026-05-04T12:00:00Z</updated><summary type="text">1 &lt; 2</summary></entry>
<entry><id>tag:blog.example,2026:2</id><title>Two</title><link href="javascript:alert(1)"/>
<published>2026-05-03</published></entry></feed>"""


def entries(site: Site, body: str | bytes, **headers: str) -> list[Entry]:
    return read_feed(Door(), site.put("/feed", body, **headers)).entries


@pytest.mark.parametrize("name", named("rss"))
def test_every_recorded_feed_gives_its_fifteen_newest_with_exact_dates(name: str, replaying: Replaying) -> None:
    library = replaying(name)
    reply = read_feed(Door(), KURZGESAGT)
    assert (len(reply.entries), len(library.log)) == (15, 1)
    assert (reply.title, reply.channel_id) == ("Kurzgesagt – In a Nutshell", SCENARIOS[name]["channel_id"])
    assert reply.link == "https://www.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q"
    for entry in reply.entries:
        assert len(entry.external_id) == 11
        assert entry.title
        assert entry.view_count
        assert entry.like_count
        assert (entry.published_precision, entry.published_source) == (Precision.EXACT, "feed")
    dates = [entry.published_at for entry in reply.entries if entry.published_at]
    assert dates == sorted(dates, reverse=True)


def test_shorts_are_told_from_videos(replaying: Replaying) -> None:
    replaying("youtube-rss-kurzgesagt-2026-07")
    first, *_, last = read_feed(Door(), KURZGESAGT).entries
    assert (first.kind, first.url) == (Kind.SHORT, "https://www.youtube.com/shorts/N2FOxjtv5ns")
    assert (last.kind, last.url) == ("", "https://www.youtube.com/watch?v=n-gYFcVx-8Y")
    assert first.thumbnail_url == "https://i.ytimg.com/vi/N2FOxjtv5ns/hqdefault.jpg"
    assert (first.view_count, first.like_count) == (482355, 24367)
    assert first.published_at == datetime(2026, 7, 1, 14, 0, 35, tzinfo=UTC)
    assert "Sources & further reading: \nhttps://" in first.description


def test_a_feed_that_is_not_there_says_so(replaying: Replaying) -> None:
    replaying("youtube-rss-not-found")
    with pytest.raises(ChannelGoneError):
        read_feed(Door(), "https://www.youtube.com/feeds/videos.xml?channel_id=UCTGjY2I-ZUGnwVoWAGRd7XQ")


def test_an_outage_of_a_feed_passes(replaying: Replaying) -> None:
    replaying("youtube-rss-kurzgesagt-2026-07").fail_next("feeds", 500)
    with pytest.raises(NetworkError):
        read_feed(Door(), KURZGESAGT)


def test_what_is_unchanged_is_not_sent_again(site: Site) -> None:
    url = site.put("/feed", BLOG, ETag='"7"', Last_Modified="Mon, 04 May 2026 12:00:00 GMT")
    first = read_feed(Door(), url)
    assert (first.unchanged, first.etag, first.modified) == (False, '"7"', "Mon, 04 May 2026 12:00:00 GMT")
    assert read_feed(Door(), url, etag=first.etag) == FeedReply(unchanged=True, etag='"7"')


def test_a_podcast_is_understood(site: Site) -> None:
    url = site.put("/feed", PODCAST)
    reply = read_feed(Door(), url)
    first, second = reply.entries
    assert (reply.title, reply.link, reply.picture) == (
        "Talks & tea", "https://talks.example/", "https://talks.example/cover.jpg"
    )  # fmt: skip
    assert (first.title, first.url, first.duration_seconds) == ("Cups", f"{site.url}/17", 3723)
    assert first.description == "About cups\n\nand & saucers"
    assert first.published_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert first.thumbnail_url == "https://talks.example/17.jpg"
    assert (second.external_id, second.duration_seconds) == ("https://talks.example/16", 754)


def test_an_id_that_is_one_in_its_feed_only_is_told_from_that_of_another_feed(site: Site) -> None:
    here, there = (read_feed(Door(), site.put(path, PODCAST)).entries[0] for path in ("/here", "/there"))
    assert here.external_id == f"{site.url.removeprefix('http://')}/here#17"
    assert there.external_id != here.external_id


def test_a_blog_is_understood(site: Site) -> None:
    first, second = entries(site, BLOG)
    assert (first.external_id, first.description) == ("tag:blog.example,2026:1", "1 < 2")
    assert first.published_at == datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert (second.url, second.published_precision) == ("", Precision.DAY)


def test_ids_that_are_too_long_stay_different(site: Site) -> None:
    items = "".join(f"<item><guid>https://x.example/{'a' * 300}{number}</guid></item>" for number in (1, 2))
    first, second = entries(site, f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>")
    assert first.external_id != second.external_id
    assert len(first.external_id) <= 200


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f'<?xml version="1.0" encoding="iso-8859-1"?>{BLOG}'.replace("One", "Café"), "application/atom+xml"),
        (BLOG.replace("One", "Café"), "application/atom+xml; charset=iso-8859-1"),
    ],
)
def test_latin_1_is_read_as_such(body: str, content_type: str, site: Site) -> None:
    assert entries(site, body.encode("latin-1"), Content_Type=content_type)[0].title == "Café"


def test_a_feed_in_utf_16_is_read(site: Site) -> None:
    assert len(entries(site, f'<?xml version="1.0" encoding="utf-16"?>{BLOG}'.encode("utf-16"))) == 2


def test_a_feed_that_is_cut_gives_only_its_whole_entries(site: Site) -> None:
    cut = BLOG[: BLOG.index("<published>")]
    assert [entry.title for entry in entries(site, cut)] == ["One"]


def test_a_feed_with_a_wrong_character_is_still_read(site: Site) -> None:
    assert len(entries(site, BLOG.replace("One", "One & more &nosuch;"))) == 2


@pytest.mark.parametrize(
    "body",
    ["<!DOCTYPE html><html><head><title>A page</title></head></html>", "<html><rss><channel></channel></rss></html>",
     "", "<rss", "<feed><<<",
     '{"version": "https://jsonfeed.org/version/1.1"}', b"\x00\xff\xfe<feed\x80", "/etc/passwd"],
)  # fmt: skip
def test_what_is_no_feed_is_refused_in_words(body: str | bytes, site: Site) -> None:
    with pytest.raises(ParseError, match="feed"):
        entries(site, body)


def test_a_feed_that_names_a_file_reads_no_file(site: Site) -> None:
    outside = '<!DOCTYPE feed [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    first, _ = entries(site, outside + BLOG.replace("One", "One &file;"))
    assert "root:" not in first.title


def test_a_billion_laughs_are_not_laughed(site: Site) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE feed [<!ENTITY l0 "lol">{entities}]>{BLOG.replace("One", "One &l9;")}'
    assert all(len(entry.title) < 1000 for entry in entries(site, bomb))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("1:02:03", 3723), ("62:03", 3723), ("3723", 3723), ("3723.9", 3723), ("an hour", None), ("-5", None), ("", None)],
)
def test_durations_have_many_forms(said: str, seconds: int | None, site: Site) -> None:
    assert entries(site, PODCAST.replace("1:02:03", said))[0].duration_seconds == seconds


def test_a_feed_is_followed_by_its_own_address(site: Site) -> None:
    url = site.put("/feed", PODCAST)
    identity = FeedSource(Door()).resolve(parse_address(url))
    assert (identity.platform, identity.external_id) == ("feed", url.removeprefix("http://"))
    assert (identity.name, identity.url, identity.feed_url) == ("Talks & tea", "https://talks.example/", url)
    assert [tab.url for tab in identity.tabs] == [url]
    assert identity.keys == [parse_address(url).key]


def test_a_feed_without_a_name_has_that_of_its_host(site: Site) -> None:
    url = site.put("/feed", BLOG.replace("<title>Blog</title>", ""))
    assert FeedSource(Door()).resolve(parse_address(url)).name == "127.0.0.1"


def test_a_feed_is_one_page_that_says_whose_it_is(site: Site) -> None:
    url = site.put("/feed", BLOG)
    told: list[int] = []
    (page,) = FeedSource(Door()).pages(url, "videos", None, told.append)
    assert (len(page.entries), page.cursor, told, len(site.asked)) == (2, None, [2], 1)
    assert page.identity == FeedSource(Door()).resolve(parse_address(url))


def test_an_entry_of_a_feed_has_no_page_that_can_be_read() -> None:
    source = FeedSource(Door())
    for ask in (source.details, source.channel_of):
        with pytest.raises(UnsupportedError, match="in a feed"):
            ask("https://blog.example/1")


def test_the_feeds_that_a_page_names_are_found_in_order() -> None:
    page = b"""<html><head><LINK REL="alternate" TYPE="application/rss+xml" HREF="/a.xml">
    <link rel="alternate" type="application/atom+xml; charset=utf-8" href="b.xml"/><link rel=stylesheet href=c.css>
    <link rel="alternate" type="application/rss+xml" href="javascript:x"><link rel="alternate" hreflang="de" href="/de">
    <link rel="alternate" type="application/rss+xml" href="/a.xml"><link rel="alternate" type="application/rss+xml">"""
    assert linked_feeds(page, "https://x.example/blog/") == ["https://x.example/a.xml", "https://x.example/blog/b.xml"]


@pytest.mark.parametrize("page", [b"", b"<![nonsense", b"\xff\xfe\x00", b"<link rel=alternate"])
def test_a_broken_page_names_no_feeds(page: bytes) -> None:
    assert linked_feeds(page, "https://x.example/") == []


def test_text_without_tags_keeps_its_lines() -> None:
    assert plain_text(" a\n  b ") == "a\n  b"


def test_what_a_page_does_not_show_is_no_text() -> None:
    assert plain_text("<style>p{}</style><p>a<br>b<script>x()</script></p>") == "a\nb"
