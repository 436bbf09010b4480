"""Which source reads an address."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from channels.addresses import parse_address
from channels.follow import Identity
from scraping.door import Door
from scraping.errors import ChannelGoneError, ParseError, UnsupportedError
from scraping.sources.choose import resolve, source_for
from scraping.sources.feed import FeedSource
from scraping.sources.peertube import PeerTubeSource
from scraping.sources.ytdlp import YtdlpSource
from tests.scraping.conftest import Site

pytestmark = pytest.mark.django_db
Replaying = Callable[..., Any]
RSS = "<rss version='2.0'><channel><title>News</title><item><guid>1</guid></item></channel></rss>"


def ask(typed: str) -> Identity:
    return resolve(parse_address(typed), Door())


@pytest.mark.parametrize(
    ("platform", "source"),
    [
        ("peertube", PeerTubeSource),
        ("feed", FeedSource),
        ("youtube", YtdlpSource),
        ("tiktok", YtdlpSource),
        ("", YtdlpSource),
    ],
)
def test_a_platform_has_its_source(platform: str, source: type) -> None:
    assert isinstance(source_for(platform, Door()), source)


def test_youtube_is_asked_through_yt_dlp(replaying: Replaying) -> None:
    library = replaying("youtube-kurzgesagt-videos-2026-07")
    identity = ask("https://www.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q")
    assert (identity.platform, identity.external_id) == ("youtube", "UCsXVk37bltHxD1rDPwtNM8Q")
    assert not any("/api/v1/" in url for _, url, _ in library.log)


@pytest.mark.parametrize(
    ("scenario", "typed", "external_id"),
    [
        ("lqdn-channel", "framatube.org/c/lqdn_channel@video.lqdn.fr", "lqdn_channel@video.lqdn.fr"),
        ("framasoft-account", "https://framatube.org/a/framasoft/videos", "a/framasoft@framatube.org"),
    ],
)
def test_peertube_is_asked_through_its_api(scenario: str, typed: str, external_id: str, replaying: Replaying) -> None:
    library = replaying(f"peertube-{scenario}")
    identity = ask(typed)
    assert (identity.platform, identity.external_id, len(library.log)) == ("peertube", external_id, 1)


def test_a_channel_that_is_not_there_is_gone(replaying: Replaying) -> None:
    replaying("peertube-channel-not-found")
    with pytest.raises(ChannelGoneError):
        ask("https://framatube.org/c/no_such_channel/videos")


def test_an_instance_that_nobody_has_heard_of_is_read_like_any_other(site: Site) -> None:
    host = site.url.removeprefix("http://")
    site.put("/api/v1/video-channels/films", json.dumps({"name": "films", "host": host}))
    assert ask(f"{site.url}/c/films").external_id == f"films@{host}"


def test_a_feed_is_followed_as_a_feed(site: Site) -> None:
    identity = ask(site.put("/news.xml", RSS))
    assert (identity.platform, identity.name, identity.feed_url) == ("feed", "News", f"{site.url}/news.xml")
    assert site.asked == ["/news.xml"]


def test_a_page_stands_for_the_first_feed_it_names(site: Site) -> None:
    site.put("/news.xml", RSS)
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{name}.xml">' for name in ("news", "comments")
    )
    page = site.put("/blog", f"<html><head>{links}</head></html>")
    identity = ask(page)
    assert (identity.platform, identity.feed_url) == ("feed", f"{site.url}/news.xml")
    assert set(identity.keys) == {parse_address(page).key, parse_address(identity.feed_url).key}


def test_a_site_with_paths_like_peertubes_may_be_another(site: Site) -> None:
    assert ask(site.put("/c/news", RSS)).platform == "feed"
    assert site.asked == ["/api/v1/video-channels/news", "/c/news"]


def test_a_page_that_answers_to_everything_is_not_taken_for_peertube(site: Site) -> None:
    site.put("/api/v1/video-channels/news", "<html>Welcome</html>")
    assert ask(site.put("/c/news", RSS)).platform == "feed"


def test_a_page_that_names_no_feed_is_refused_and_told_what_is_accepted(site: Site) -> None:
    with pytest.raises(UnsupportedError, match="Give a channel's address"):
        ask(site.put("/", "<html>Hello</html>"))


def test_a_page_that_is_not_there_is_gone(site: Site) -> None:
    with pytest.raises(ChannelGoneError):
        ask(f"{site.url}/nothing")


def test_a_broken_feed_is_called_one(site: Site) -> None:
    with pytest.raises(ParseError, match="broken"):
        ask(site.put("/news.xml", "<feed><<<"))


def test_a_page_that_names_a_feed_of_youtube_stands_for_the_channel(site: Site, replaying: Replaying) -> None:
    replaying("youtube-kurzgesagt-videos-2026-07")
    feed = "https://www.youtube.com/feeds/videos.xml?channel_id=UCsXVk37bltHxD1rDPwtNM8Q"
    page = site.put("/blog", f'<link rel="alternate" type="application/rss+xml" href="{feed}">')
    assert ask(page).external_id == "UCsXVk37bltHxD1rDPwtNM8Q"
