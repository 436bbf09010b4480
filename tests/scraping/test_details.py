"""A video's own page: what no list says, within each host's budget."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from nisam.jobs.inline import work_off
from nisam.jobs.models import Job, Status
from scraping.models import Host
from scraping.schedule import BATCH, dispatch_details
from tests.builders import make_channel, make_entry
from tests.recorded import SCENARIOS, named
from videos.ingest import ingest
from videos.models import Precision, Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

CLASSES = {
    "youtube-video-age-restricted": ("age_restricted", "needs_auth"),
    "youtube-video-geoblocked": ("geo_blocked", "public"),
    "youtube-video-members-only": ("members_only", "subscriber_only"),
    "youtube-video-not-found": ("removed", "removed"),
    "youtube-video-private": ("private", "private"),
}


def video_of(name: str, **fields: Any) -> Video:
    """A scenario's video, as a list has shown it."""
    url = SCENARIOS[name]["url"]
    video_id = url.rpartition("=")[2]
    ingest(make_channel(), [make_entry(video_id, url=url, availability="public", **fields)])
    return Video.objects.get()


def read(name: str, replaying: Callable[..., Any]) -> tuple[Any, Job]:
    library = replaying(name)
    job = dispatch_details()
    assert job
    return library, work_off(job.pk, worker="test")


@pytest.mark.parametrize("name", named("video"))
def test_a_recorded_video_gives_its_details_in_one_request(
    name: str, replaying: Callable[..., Any], clock: Callable[[str], Any], settings: Any
) -> None:
    settings.CAPTIONS_PER_VIDEO = 0
    clock(SCENARIOS[name]["recorded_at"])
    video, expected = video_of(name), SCENARIOS[name]["expect"]
    library, job = read(name, replaying)
    video.refresh_from_db()
    assert (job.status, len(library.log), job.requests) == (Status.COMPLETED, 1, 1)
    assert (video.title, video.view_count, video.duration_seconds) == (
        expected["title"],
        expected["view_count"],
        expected.get("duration"),
    )
    assert (video.published_precision, video.published_at.timestamp()) == (Precision.EXACT, expected["timestamp"])
    assert (video.categories.count(), video.tags.count()) == (expected.get("categories", 0), expected.get("tags", 0))
    assert (video.live_status, video.availability) == (expected["live_status"], expected["availability"])
    assert len(video.chapters) == expected.get("chapters", 0)


@pytest.mark.parametrize("name", list(CLASSES))
def test_a_video_that_cannot_be_watched_keeps_what_was_known_and_says_why(
    name: str, replaying: Callable[..., Any]
) -> None:
    code, availability = CLASSES[name]
    video = video_of(name, view_count=7, description="known")
    _, job = read(name, replaying)
    video.refresh_from_db()
    assert (job.status, video.unavailable_code, video.availability) == (Status.COMPLETED, code, availability)
    assert video.unavailable_reason
    assert (video.view_count, video.description) == (7, "known")
    assert video.details_due_at
    assert video.details_due_at > timezone.now() + timedelta(days=6)


def test_a_bot_check_is_the_hosts_fault_and_changes_nothing(replaying: Callable[..., Any]) -> None:
    name = "youtube-video-bot-check"
    video = video_of(name)
    _, job = read(name, replaying)
    video.refresh_from_db()
    assert job.status == Status.RUNNING
    assert (video.unavailable_code, video.availability) == ("", "public")
    assert Host.objects.get().open_until


def test_a_running_broadcast_is_looked_at_again_and_stays_one_row(
    replaying: Callable[..., Any], clock: Callable[[str], Any]
) -> None:
    name = "youtube-video-lofi-live"
    time = clock(SCENARIOS[name]["recorded_at"])
    video = video_of(name)
    read(name, replaying)
    video.refresh_from_db()
    assert (video.kind, video.live_status) == ("live", "is_live")
    assert dispatch_details() is None
    time.shift(3600)
    read(name, replaying)
    assert Video.objects.count() == 1


def test_a_broadcast_that_a_list_shows_as_over_is_due_at_once(clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    channel = make_channel()
    ingest(channel, [make_entry("live", live_status="is_live")])
    Video.objects.update(details_due_at=None)
    ingest(channel, [make_entry("live", live_status="was_live")])
    assert Video.objects.get().details_due_at == timezone.now()


def test_an_entry_that_says_everything_needs_no_details() -> None:
    entry = make_entry(published_at=timezone.now(), published_precision=Precision.EXACT, duration_seconds=5)
    ingest(make_channel(), [entry])
    assert Video.objects.get().details_due_at is None


def test_the_days_budget_is_spent_evenly(settings: Any, clock: Callable[[str], Any]) -> None:
    settings.DETAILS_PER_DAY = 1440
    time = clock("2026-01-26T00:00:00Z")
    ingest(make_channel(), [make_entry() for _ in range(20)])
    for minute in range(3):
        job = dispatch_details()
        assert job
        assert job.total_items == 1
        assert Host.objects.get().details_count == minute + 1
        time.shift(60)


def test_a_budget_of_none_reads_no_page(settings: Any) -> None:
    settings.DETAILS_PER_DAY = 0
    ingest(make_channel(), [make_entry()])
    assert dispatch_details() is None


def test_a_host_that_rests_is_given_no_videos() -> None:
    ingest(make_channel(), [make_entry()])
    Host.objects.create(name="youtube.com", open_until=timezone.now() + timedelta(hours=1))
    assert dispatch_details() is None


def test_a_host_that_rests_keeps_no_other_of_its_platform_waiting() -> None:
    for host, number in (("resting.example", BATCH + 1), ("other.example", 1)):
        channel = make_channel(platform="peertube", url=f"https://{host}/c/a")
        ingest(channel, [make_entry(url=f"https://{host}/w/{place}") for place in range(number)])
    Host.objects.create(name="resting.example", open_until=timezone.now() + timedelta(hours=1))
    job = dispatch_details()
    assert job
    assert job.total_items == 1


def test_the_beginning_of_a_description_replaces_no_whole_one() -> None:
    channel = make_channel()
    ingest(channel, [make_entry("a", description="All of it, to its end")])
    ingest(channel, [make_entry("a", description="All of…")], snippets=True)
    assert Video.objects.get().description == "All of it, to its end"
