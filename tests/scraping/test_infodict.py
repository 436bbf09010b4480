"""From yt-dlp's dictionaries and words to entries and errors: odd ones."""

from typing import Any

import pytest

from scraping.classify import classify, plain_words
from scraping.sources.infodict import page_of
from videos.ingest import Entry
from videos.models import Precision


def entry(**item: Any) -> Entry:
    return page_of([{"id": "a", "url": "https://x.example/a", **item}], "videos", None, approximate=False).entries[0]


@pytest.mark.parametrize(("title", "availability"), [("[Private video]", "private"), ("[Deleted video]", "removed")])
def test_a_stand_in_for_a_title_is_no_title_but_tells_the_availability(title: str, availability: str) -> None:
    found = entry(title=title)
    assert (found.title, found.availability) == ("", availability)


def test_an_entry_without_anything_but_an_id_is_still_a_video() -> None:
    found = entry(title=None, thumbnails=None, duration=None, view_count=None)
    assert (found.title, found.thumbnail_url, found.duration_seconds, found.view_count) == ("", "", None, None)


def test_words_that_the_catalogue_does_not_know_are_left_unsaid() -> None:
    found = entry(live_status="floating", availability="maybe")
    assert (found.live_status, found.availability) == ("", "")


def test_a_signed_thumbnail_has_the_same_address_at_every_visit() -> None:
    found = entry(thumbnails=[{"url": "https://i.ytimg.com/vi/a/hqdefault.jpg?sqp=-oay&rs=AOn4"}])
    assert found.thumbnail_url == "https://i.ytimg.com/vi/a/hqdefault.jpg"


def test_a_day_without_a_time_is_known_to_the_day() -> None:
    found = entry(upload_date="20260120")
    assert (str(found.published_at), found.published_precision) == ("2026-01-20 00:00:00+00:00", Precision.DAY)


def test_a_list_inside_a_list_is_no_video() -> None:
    page = page_of(
        [{"id": "PL1", "ie_key": "YoutubeTab"}, {"id": None}, {"id": "a"}], "videos", None, approximate=False
    )
    assert (len(page.entries), page.not_videos) == (1, 2)


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        ("Sign in to confirm your age", None, "age_restricted"),
        ("Sign in to confirm you're not a bot", None, "bot_check"),
        ("Sign in to see this", None, "login_required"),
        ("Premieres in 3 hours", None, "not_yet_live"),
        ("The read operation timed out", None, "timeout"),
        ("Connection reset by peer", None, "network"),
        ("Unable to extract title", None, "parse"),
        ("Something new", None, "unknown"),
        ("HTTP Error 500", 500, "network"),
        ("HTTP Error 504", 504, "timeout"),
        ("HTTP Error 451", 451, "geo_blocked"),
        ("HTTP Error 403", 403, "bot_check"),
    ],
)
def test_words_and_statuses_have_their_class(message: str, status: int | None, code: str) -> None:
    assert classify(message, status).code == code


def test_retry_after_is_a_floor_of_the_wait() -> None:
    assert classify("", 429, "7200").retry_after.total_seconds() == 7200


def test_the_frame_of_yt_dlp_is_taken_off_a_platforms_words() -> None:
    message = "ERROR: [youtube:tab] UC1: YouTube said: This channel does not exist. (caused by <Error>)"
    assert plain_words(message) == "This channel does not exist."
