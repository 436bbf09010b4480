"""PeerTube's API, as it was recorded."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.addresses import parse_address
from scraping.door import Door
from scraping.errors import ChannelGoneError, NetworkError, ParseError, RemovedError, UnsupportedError
from scraping.sources.peertube import PER_PAGE, PeerTubeSource
from scraping.sources.source import Page
from tests.scraping.conftest import Site
from videos.models import Availability, Kind, LiveStatus, Precision

pytestmark = pytest.mark.django_db
Replaying = Callable[..., Any]
LQDN = "https://framatube.org/c/lqdn_channel@video.lqdn.fr/videos"
FRAMASOFT = "https://framatube.org/a/framasoft/videos"
WHAT_IS_PEERTUBE = "https://framatube.org/w/kkGMgK9ZtnKfYAgnEtQxbv"


def pages(url: str, cursor: dict[str, Any] | None = None) -> list[Page]:
    return list(PeerTubeSource(Door()).pages(url, "videos", cursor, lambda _: None))


def test_a_channel_is_known_by_the_instance_it_comes_from(replaying: Replaying) -> None:
    library = replaying("peertube-lqdn-channel")
    identity = PeerTubeSource(Door()).resolve(parse_address(LQDN))
    assert (identity.platform, identity.external_id) == ("peertube", "lqdn_channel@video.lqdn.fr")
    assert (identity.name, identity.handle) == ("La Quadrature du Net", "@lqdn_channel@video.lqdn.fr")
    assert identity.follower_count == 1461
    assert identity.avatar_url.startswith("https://framatube.org/lazy-static/avatars/")
    assert identity.description.startswith("La Quadrature du Net est une association")
    assert len(library.log) == 1


def test_a_channel_of_another_instance_is_read_where_it_was_found(replaying: Replaying) -> None:
    replaying("peertube-lqdn-channel")
    identity = PeerTubeSource(Door()).resolve(parse_address(LQDN))
    assert identity.url == "https://video.lqdn.fr/c/lqdn_channel"
    assert [(tab.kind, tab.url) for tab in identity.tabs] == [("videos", LQDN)]


def test_the_keys_of_a_channel_are_those_of_its_other_addresses(replaying: Replaying) -> None:
    replaying("peertube-lqdn-channel")
    identity = PeerTubeSource(Door()).resolve(parse_address(LQDN))
    forms = [LQDN, "https://video.lqdn.fr/video-channels/lqdn_channel", "lqdn_channel@video.lqdn.fr"]
    assert set(identity.keys) == {parse_address(form).key for form in forms}


def test_an_account_is_told_from_a_channel(replaying: Replaying) -> None:
    replaying("peertube-framasoft-account")
    identity = PeerTubeSource(Door()).resolve(parse_address(FRAMASOFT))
    assert (identity.external_id, identity.name) == ("a/framasoft@framatube.org", "Framasoft")
    assert identity.description == ""
    assert [tab.url for tab in identity.tabs] == [FRAMASOFT]


def test_a_list_is_read_with_one_request_and_exact_dates(replaying: Replaying) -> None:
    library = replaying("peertube-lqdn-channel")
    (page,) = pages(LQDN)
    newest = page.entries[0]
    assert (len(page.entries), page.cursor, len(library.log)) == (28, None, 1)
    assert newest.external_id == "076fdbf7-5a70-4edc-87c6-cead149ed848"
    assert newest.url == "https://video.lqdn.fr/videos/watch/076fdbf7-5a70-4edc-87c6-cead149ed848"
    assert newest.title.startswith("ENCORE UNE LOI")
    assert (newest.duration_seconds, newest.view_count, newest.like_count) == (387, 521, 9)
    assert newest.published_at == datetime(2025, 4, 8, 15, 11, 51, 570000, tzinfo=UTC)
    assert (newest.published_precision, newest.published_source) == (Precision.EXACT, "list")
    assert (newest.live_status, newest.availability) == (LiveStatus.NOT_LIVE, Availability.PUBLIC)
    assert newest.thumbnail_url.startswith("https://framatube.org/lazy-static/previews/")


@pytest.mark.parametrize(("scenario", "url"), [("lqdn-channel", LQDN), ("framasoft-account", FRAMASOFT)])
def test_a_list_says_whose_it_is(scenario: str, url: str, replaying: Replaying) -> None:
    replaying(f"peertube-{scenario}")
    page = pages(url)[0]
    resolved = PeerTubeSource(Door()).resolve(parse_address(url))
    assert page.identity
    assert (page.identity.external_id, page.identity.tabs) == (resolved.external_id, resolved.tabs)


def test_a_later_visit_shows_what_is_new_on_top(replaying: Replaying) -> None:
    replaying("peertube-lqdn-channel-earlier")
    earlier = [entry.external_id for entry in pages(LQDN)[0].entries]
    replaying("peertube-lqdn-channel")
    later = [entry.external_id for entry in pages(LQDN)[0].entries]
    assert later[3:] == earlier


def test_a_long_list_is_read_in_pages_that_a_cursor_can_resume(
    replaying: Replaying, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = replaying("peertube-framasoft-account")
    monkeypatch.setattr("scraping.sources.peertube.PER_PAGE", 20)
    read = pages(FRAMASOFT)
    assert [(len(page.entries), page.cursor) for page in read] == [(20, {"start": 20}), (20, {"start": 40}), (10, None)]
    assert len(library.log) == len(read)
    assert [page.entries for page in pages(FRAMASOFT, {"start": 20})] == [page.entries for page in read[1:]]


def test_an_interrupted_page_asks_for_no_more_than_it_has_to(replaying: Replaying) -> None:
    library = replaying("peertube-framasoft-account")
    next(PeerTubeSource(Door()).pages(FRAMASOFT, "videos", None, lambda _: None))
    assert len(library.log) == 1
    assert f"count={PER_PAGE}" in library.log[0][1]


@pytest.mark.parametrize("path", ["c/no_such_channel", "c/no_such_channel/videos"])
def test_a_channel_that_is_not_there_is_gone_in_words(path: str, replaying: Replaying) -> None:
    replaying("peertube-channel-not-found")
    with pytest.raises(ChannelGoneError, match="no channel “no_such_channel” at framatube"):
        PeerTubeSource(Door()).resolve(parse_address(f"https://framatube.org/{path}"))
    with pytest.raises(ChannelGoneError, match="no channel “no_such_channel” at framatube"):
        pages(f"https://framatube.org/{path}")


def test_details_take_two_requests_and_carry_the_whole_description(replaying: Replaying) -> None:
    library = replaying("peertube-video-whatispeertube")
    details = PeerTubeSource(Door()).details(WHAT_IS_PEERTUBE)
    assert len(library.log) == 2
    assert details.entry.external_id == "9c9de5e8-0a1e-484a-b099-e80766180a6d"
    assert "**Sponsored by** [Framasoft]" in details.entry.description
    assert (details.channel_id, details.entry.published_source) == ("joinpeertube@framatube.org", "details")
    assert (details.categories, details.tags) == (["Science & Technology"], ["framasoft", "peertube"])


def test_a_list_is_an_excerpt_so_that_new_videos_own_pages_are_asked_for(replaying: Replaying) -> None:
    replaying("peertube-lqdn-channel")
    assert not any(entry.is_complete for page in pages(LQDN) for entry in page.entries)


def test_captions_are_named_by_language_and_by_who_wrote_them(site: Site) -> None:
    site.put(
        "/api/v1/videos/a", json.dumps({"uuid": "a", "language": {"id": "fr"}, "channel": json.loads(channel(site))})
    )
    listed = [
        {"language": {"id": "fr"}, "automaticallyGenerated": True, "captionPath": "/lazy-static/a-fr.vtt"},
        {"language": {"id": "en"}, "captionPath": None, "fileUrl": "https://files.example/a-en.vtt"},
        {"language": {"id": "de"}, "fileUrl": "javascript:x"},
        "odd",
    ]
    site.put("/api/v1/videos/a/captions", json.dumps({"total": 4, "data": listed}))
    details = PeerTubeSource(Door()).details(f"{site.url}/w/a")
    assert (details.language, details.captions) == ("fr", {"manual": ["en"], "automatic": ["fr"]})
    assert [(file.source, file.url) for file in details.caption_files] == [
        ("auto", f"{site.url}/lazy-static/a-fr.vtt"),
        ("manual", "https://files.example/a-en.vtt"),
    ]


def test_an_unknown_category_is_none(replaying: Replaying) -> None:
    replaying("peertube-video-python-course")
    details = PeerTubeSource(Door()).details("https://tube.tchncs.de/videos/watch/vqABGP97fEjo7RhPuDnSZk")
    assert (details.categories, details.channel_id) == ([], "python@tube.tchncs.de")


def test_a_video_leads_to_its_channel(replaying: Replaying) -> None:
    replaying("peertube-video-whatispeertube")
    name, url = PeerTubeSource(Door()).channel_of(WHAT_IS_PEERTUBE)
    assert (name, url) == ("A propos de PeerTube", "https://framatube.org/c/joinpeertube")


def test_what_is_no_address_of_a_video_is_not_asked_for(replaying: Replaying) -> None:
    library = replaying("peertube-video-whatispeertube")
    with pytest.raises(UnsupportedError, match="not the address of a video"):
        PeerTubeSource(Door()).details("https://framatube.org/w/p/hFdJoTuyhNJVa1cDWd1d12")
    assert library.log == []


def test_a_broken_connection_is_not_taken_for_a_missing_channel(replaying: Replaying) -> None:
    library = replaying("peertube-lqdn-channel")
    library.fail_next("video-channels", 0)
    with pytest.raises(NetworkError):
        pages(LQDN)


def channel(site: Site, **said: object) -> str:
    return json.dumps({"name": "films", "host": site.url.removeprefix("http://"), "displayName": "Films", **said})


def test_a_handle_is_tried_as_a_channel_and_then_as_an_account(site: Site) -> None:
    site.put("/api/v1/accounts/films", channel(site))
    host = site.url.removeprefix("http://")
    identity = PeerTubeSource(Door()).resolve(parse_address(f"{site.url}/@films@{host}"))
    assert identity.external_id == f"a/films@{host}"
    assert site.asked == ["/api/v1/video-channels/films", "/api/v1/accounts/films"]


def test_a_handle_that_is_neither_is_gone(site: Site) -> None:
    with pytest.raises(ChannelGoneError, match="no channel or account “films”"):
        PeerTubeSource(Door()).resolve(parse_address(f"{site.url}/@films@{site.url.removeprefix('http://')}"))


@pytest.mark.parametrize("body", ["<html></html>", "[1, 2]", "{}", '{"name": "films"}', "[" * 100_000, ""])
def test_what_is_not_peertubes_json_is_no_channel(body: str, site: Site) -> None:
    site.put("/api/v1/video-channels/films", body)
    with pytest.raises(ParseError):
        PeerTubeSource(Door()).resolve(parse_address(f"{site.url}/c/films"))


def test_a_list_without_its_total_is_not_understood(site: Site) -> None:
    site.put("/api/v1/video-channels/films/videos", '{"data": []}')
    with pytest.raises(ParseError, match="list of videos"):
        pages(f"{site.url}/c/films/videos")


def test_an_empty_page_is_the_last_whatever_the_total(site: Site) -> None:
    site.put("/api/v1/video-channels/films/videos", '{"data": [], "total": 500}')
    (page,) = pages(f"{site.url}/c/films/videos")
    assert (page.entries, page.cursor, page.identity) == ([], None, None)


def test_what_a_video_says_in_an_unexpected_form_is_not_said(site: Site) -> None:
    odd = {
        "uuid": "a",
        "name": 5,
        "url": "javascript:x",
        "views": "many",
        "duration": -1,
        "publishedAt": "soon",
        "privacy": 7,
    }
    site.put("/api/v1/video-channels/films/videos", json.dumps({"data": [odd, {"id": 1}, "x"], "total": 3}))
    (page,) = pages(f"{site.url}/c/films/videos")
    (entry,) = page.entries
    assert (entry.title, entry.url, entry.view_count, entry.duration_seconds, entry.published_at) == (
        "",
        "",
        None,
        None,
        None,
    )
    assert (entry.availability, entry.live_status, page.not_videos) == ("", "", 2)


@pytest.mark.parametrize(
    ("state", "status"), [(1, LiveStatus.LIVE), (4, LiveStatus.UPCOMING), (5, LiveStatus.WAS_LIVE)]
)
def test_the_state_of_a_broadcast_is_told(state: int, status: LiveStatus, site: Site) -> None:
    planned = [{"startAt": "2026-12-24T18:00:00.000Z"}]
    owner = json.loads(channel(site))
    video = {
        "uuid": "a",
        "isLive": True,
        "state": {"id": state},
        "duration": 0,
        "channel": owner,
        "liveSchedules": planned,
    }
    site.put("/api/v1/videos/a", json.dumps(video))
    site.put("/api/v1/videos/a/captions", "{}")
    details = PeerTubeSource(Door()).details(f"{site.url}/w/a")
    assert (details.entry.kind, details.entry.live_status, details.entry.duration_seconds) == (Kind.LIVE, status, None)
    assert bool(details.starts_at) == (status == LiveStatus.UPCOMING)


def test_a_video_that_is_not_there_is_removed_in_words(site: Site) -> None:
    with pytest.raises(RemovedError, match="no such video"):
        PeerTubeSource(Door()).details(f"{site.url}/w/a")
