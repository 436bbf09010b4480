"""Every recorded YouTube scenario through the whole job, with the clock at the moment of the recording."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from channels.addresses import parse_address
from channels.follow import TabAddress, follow, scan
from channels.models import Channel, ChannelTab
from nisam.jobs.inline import work_off
from nisam.jobs.models import Job, Status
from nisam.jobs.runner import run_item
from scraping.models import Host
from scraping.sources.ytdlp import YtdlpSource
from tests.builders import make_channel, make_entry, make_recorded_channel
from tests.recorded import SCENARIOS, named
from videos.ingest import ingest
from videos.models import Precision, Video

pytestmark = pytest.mark.django_db(transaction=True)
VIDEO_LISTS = named("channel-videos", "channel-shorts", "channel-streams", "playlist")
NO_VIDEO_LISTS = named("channel-playlists", "channel-releases")

HAS: dict[str, Callable[[Video], object]] = {
    "title": lambda video: video.title,
    "description": lambda video: video.description,
    "duration": lambda video: video.duration_seconds is not None,
    "thumbnails": lambda video: video.thumbnail_url,
    "timestamp": lambda video: video.published_precision != Precision.UNKNOWN,
    "view_count": lambda video: video.view_count is not None,
    "live_status": lambda video: video.live_status,
}
ERRORS = {
    "youtube-channel-does-not-exist": ("channel_gone", "This channel does not exist."),
    "youtube-channel-guidelines": ("channel_gone", "removed because it violated our Community Guidelines."),
    "youtube-channel-hate-2023": ("channel_gone", "terminated due to multiple or severe violations"),
    "youtube-channel-terminated": ("channel_gone", "terminated for a violation of YouTube's Terms of Service."),
    "youtube-francesoir-removed-2025-07": ("channel_gone", "removed because it violated our Community Guidelines."),
    "youtube-handle-not-found": ("channel_gone", "There is nothing at this address. (HTTP 404)"),
    "youtube-playlist-does-not-exist": ("channel_gone", "The playlist does not exist."),
    "peertube-channel-not-found": ("channel_gone", "There is nothing at this address. (HTTP 404)"),
}
VIDEO_ERRORS = {
    "youtube-video-age-restricted": ("age_restricted", "Sign in to confirm your age"),
    "youtube-video-bot-check": ("bot_check", "not a bot"),
    "youtube-video-geoblocked": ("geo_blocked", "not made this video available in your country"),
    "youtube-video-members-only": ("members_only", "available to this channel's members"),
    "youtube-video-not-found": ("removed", "unavailable"),
    "youtube-video-private": ("private", "private"),
}


def freeze(name: str, clock: Callable[[str], Any]) -> Any:
    return clock(SCENARIOS[name]["recorded_at"] or "2026-01-26T18:00:00Z")


def tab_of(name: str) -> ChannelTab:
    """The scenario's list, as a tab of a channel that is followed."""
    url = SCENARIOS[name]["url"]
    kind = url.rpartition("/")[2]
    playlist = url.partition("?list=")[2]
    channel = make_channel(external_id=playlist or SCENARIOS[name]["channel_id"] or name, url=url)
    return ChannelTab.objects.create(channel=channel, url=url, kind=kind if kind in ("shorts", "streams") else "videos")


def scrape(channel: Channel, **options: Any) -> Job:
    return work_off(scan([channel], requested_by="test", wake_workers=False, **options).job.pk, worker="test")


def row_versions() -> list[Any]:
    """What changes when a row is written."""
    with connection.cursor() as cursor:
        column = "xmin" if connection.vendor == "postgresql" else "updated_at"
        cursor.execute(f"SELECT id, {column} FROM videos_video ORDER BY id")
        rows: list[Any] = cursor.fetchall()
    return rows


def test_the_recordings_are_there(recordings: Any) -> None:
    assert len(VIDEO_LISTS) > 10


@pytest.mark.parametrize("name", VIDEO_LISTS)
def test_a_recorded_list_gives_its_videos_with_their_fields(
    name: str, replaying: Callable[..., Any], clock: Callable[[str], Any]
) -> None:
    freeze(name, clock)
    replaying(name)
    expected = SCENARIOS[name]["expect"]
    job = scrape(tab_of(name).channel)
    assert (job.status, job.found, job.added) == (Status.COMPLETED, expected["entries"], expected["distinct"])
    videos = list(Video.objects.all())
    found = {field: sum(bool(has(video)) for video in videos) for field, has in HAS.items()}
    assert found == {field: expected["fields"].get(field, 0) for field in HAS}


@pytest.mark.parametrize("name", VIDEO_LISTS)
def test_a_repeated_scrape_of_a_recorded_list_writes_no_row(
    name: str, replaying: Callable[..., Any], clock: Callable[[str], Any]
) -> None:
    freeze(name, clock)
    replaying(name)
    channel = tab_of(name).channel
    scrape(channel)
    before = row_versions()
    again = scrape(channel, full=True)
    assert (again.added, again.updated, again.skipped) == (0, 0, len(before))
    assert row_versions() == before


@pytest.mark.parametrize("name", NO_VIDEO_LISTS)
def test_a_list_of_playlists_adds_no_videos_and_says_so(
    name: str, replaying: Callable[..., Any], clock: Callable[[str], Any]
) -> None:
    freeze(name, clock)
    replaying(name)
    job = scrape(tab_of(name).channel)
    assert not Video.objects.exists()
    left_out = sum(event.data["notVideos"] for event in job.events.filter(data__has_key="notVideos"))
    assert left_out == SCENARIOS[name]["expect"]["entries"]


@pytest.mark.parametrize("name", [name for name in ERRORS if name in SCENARIOS])
def test_a_recorded_error_has_its_class_and_words_and_changes_no_data(
    name: str, replaying: Callable[..., Any], clock: Callable[[str], Any]
) -> None:
    freeze(name, clock)
    replaying(name)
    code, words = ERRORS[name]
    tab = tab_of(name)
    ingest(tab.channel, [make_entry(), make_entry()])
    before = (list(Video.objects.values()), Channel.objects.values("external_id", "name", "is_active").get())
    item = scrape(tab.channel).items.get()
    assert (item.status, item.error_code) == (Status.FAILED, code)
    assert words in item.error_message
    assert before == (list(Video.objects.values()), Channel.objects.values("external_id", "name", "is_active").get())
    tab.refresh_from_db()
    assert (tab.error_code, tab.failures) == (code, 1)
    assert words in Channel.objects.get().error_message


@pytest.mark.parametrize("name", [name for name in VIDEO_ERRORS if name in SCENARIOS])
def test_a_recorded_video_that_cannot_be_seen_has_its_class_and_words(name: str, replaying: Callable[..., Any]) -> None:
    replaying(name)
    code, words = VIDEO_ERRORS[name]
    with pytest.raises(Exception, match=re.escape(words)) as raised:
        YtdlpSource().channel_of(SCENARIOS[name]["url"])
    assert raised.value.code == code  # type: ignore[attr-defined]


def test_a_list_that_a_channel_does_not_have_is_noted_and_fails_nothing(replaying: Callable[..., Any]) -> None:
    name = "youtube-sports-topic-2026-01"
    replaying(name)
    tab = tab_of(name)
    job = scrape(tab.channel)
    tab.refresh_from_db()
    assert (job.status, tab.error_code) == (Status.COMPLETED, "tab_missing")
    assert tab.error_message == "This channel does not have a videos tab"


def test_two_server_errors_and_a_broken_connection_end_in_one_complete_job(
    replaying: Callable[..., Any], clock: Callable[[str], Any]
) -> None:
    name = "youtube-channel-flaky"
    time = freeze(name, clock)
    replaying(name)
    job = scan([tab_of(name).channel], requested_by="test", wake_workers=False).job
    item = job.items.get()
    for _ in range(4):
        run_item(item.pk, worker="test")
        time.shift(120)
    job.refresh_from_db()
    item.refresh_from_db()
    # yt-dlp asks twice when the first answer is an error, so the host has had its rest before the last attempt.
    assert (job.status, job.added, item.attempt) == (Status.COMPLETED, 1, 4)
    assert Host.objects.get().open_until is None


def test_a_second_visit_adds_exactly_what_is_new(replaying: Callable[..., Any], clock: Callable[[str], Any]) -> None:
    first, second = "youtube-kurzgesagt-videos-2026-01", "youtube-kurzgesagt-videos-2026-07"
    time = freeze(first, clock)
    replaying(first)
    channel = tab_of(first).channel
    scrape(channel)
    time.move_to(SCENARIOS[second]["recorded_at"])
    replaying(second)
    assert scrape(channel).added == 7


def test_an_unchanged_channel_is_read_no_further_than_what_is_known(
    replaying: Callable[..., Any], clock: Callable[[str], Any]
) -> None:
    name = "youtube-kurzgesagt-videos-2026-01"
    freeze(name, clock)
    library = replaying(name)
    channel = tab_of(name).channel
    scrape(channel)
    library.log.clear()
    assert scrape(channel).found == 30
    assert len(library.log) == 1


@pytest.mark.parametrize("typed", ["@kurzgesagt", "https://www.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q/videos"])
def test_a_new_channel_is_resolved_with_its_lists_in_one_request(typed: str, replaying: Callable[..., Any]) -> None:
    library = replaying("youtube-kurzgesagt-videos-2026-01")
    identity = YtdlpSource().resolve(parse_address(typed))
    url = "https://www.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q"
    assert (identity.external_id, identity.handle) == ("UCsXVk37bltHxD1rDPwtNM8Q", "@kurzgesagt")
    assert list(identity.tabs) == [TabAddress("videos", f"{url}/videos"), TabAddress("shorts", f"{url}/shorts")]
    assert len(library.log) == 1


def test_the_same_channel_in_another_form_becomes_an_alias(replaying: Callable[..., Any]) -> None:
    replaying("youtube-vsauce-videos-2026-01")
    known = make_recorded_channel("UC6nSFpj9HTCZ5t-N3Rm3-HA", "videos")
    another = follow("https://www.youtube.com/user/Vsauce")
    job = scrape(another)
    assert list(Channel.objects.all()) == [known]
    assert known.aliases.filter(key="youtube:user/vsauce").exists()
    assert job.events.filter(message__contains="is followed already").exists()
    assert Video.objects.count() == 30


def test_the_channel_of_a_video_is_resolved(replaying: Callable[..., Any]) -> None:
    replaying("youtube-kurzgesagt-videos-2026-01")
    channel = follow("https://youtu.be/D0WQK7cMJn8", of_video=True)
    scrape(channel)
    channel.refresh_from_db()
    assert (channel.handle, Video.objects.count()) == ("@kurzgesagt", 60)


def test_an_address_that_leads_nowhere_stays_visible_with_its_error(replaying: Callable[..., Any]) -> None:
    replaying("youtube-handle-not-found")
    channel = follow("@nonExistingHandleThatWillNeverExist15464")
    scrape(channel)
    channel.refresh_from_db()
    assert (channel.is_resolved, channel.error_code) == (False, "channel_gone")
    assert channel.resolve_at is None


def test_an_address_that_a_busy_site_did_not_answer_is_asked_again_when_the_site_has_rested(
    replaying: Callable[..., Any], clock: Callable[[str], Any]
) -> None:
    time = clock("2026-01-26T18:00:00Z")
    replaying("youtube-channel-rate-limited")
    job = scrape(follow("UCUaQMQS9lY5lit3vurpXQ6w"))
    assert job.status == Status.RUNNING
    assert "slow down" in job.items.get().error_message
    time.shift(7200)
    replaying("youtube-randomchannel-videos-2026-01")
    assert work_off(job.pk, worker="test").added == 1
