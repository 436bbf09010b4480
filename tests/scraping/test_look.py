"""A look at a channel through its feed: one request, and the lists only when the feed is not enough."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.follow import scan
from channels.models import Channel, ChannelTab
from nisam.jobs.cancel import request_cancel
from nisam.jobs.claim import claim
from nisam.jobs.inline import work_off
from nisam.jobs.models import Job, JobItem, Status
from nisam.jobs.run import Run
from nisam.jobs.runner import run_item
from scraping.scan import scan as scan_item
from scraping.schedule import dispatch_due
from tests.builders import make_entry, make_recorded_channel
from videos.ingest import ingest
from videos.models import Precision, Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

KURZGESAGT = "UCsXVk37bltHxD1rDPwtNM8Q"
FEED = f"https://www.youtube.com/feeds/videos.xml?channel_id={KURZGESAGT}"
JANUARY = "youtube-rss-kurzgesagt-2026-01"
# Known, it proves that nothing came out unseen.
OLDEST_IN_FEED = "ZSch_NgZpQs"
LIST = "youtube-kurzgesagt-videos-2026-01"


@pytest.fixture
def time(clock: Callable[[str], Any]) -> Any:
    return clock("2026-01-26T18:00:00Z")


@pytest.fixture
def channel(time: Any) -> Channel:
    """A channel with a feed, all of whose lists were read a while ago."""
    channel = make_recorded_channel(KURZGESAGT, "videos", "shorts")
    Channel.objects.filter(pk=channel.pk).update(feed_url=FEED)
    earlier = timezone.now() - timedelta(hours=2)
    channel.tabs.update(last_full_at=earlier, last_checked_at=earlier, next_check_at=earlier)
    channel.refresh_from_db()
    return channel


def scrape(channel: Channel) -> Job:
    return work_off(scan([channel], requested_by="test", wake_workers=False).job.pk, worker="test")


def know_the_feed(channel: Channel, replaying: Callable[..., Any]) -> Any:
    """The channel as it is after its feed was read once."""
    library = replaying(JANUARY)
    for exchange in library.scenarios[0].index["exchanges"]:
        exchange["response"]["headers"]["etag"] = '"january"'
    ingest(channel, [make_entry(OLDEST_IN_FEED)])
    scrape(channel)
    channel.refresh_from_db()
    library.log.clear()
    return library


def statements(captured: CaptureQueriesContext) -> list[str]:
    marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(marks)]


def test_new_videos_of_a_feed_are_added_with_exact_dates_in_one_request(
    channel: Channel, replaying: Callable[..., Any]
) -> None:
    library = replaying(JANUARY)
    ingest(channel, [make_entry(OLDEST_IN_FEED)])
    job = scrape(channel)
    assert (job.status, job.found, job.added, job.requests) == (Status.COMPLETED, 15, 14, 1)
    assert len(library.log) == 1
    assert set(Video.objects.values_list("published_precision", flat=True)) == {Precision.EXACT}


@pytest.mark.parametrize("etag", ['"january"', ""], ids=["not modified", "nothing new in it"])
def test_an_unchanged_channel_costs_one_request_nine_statements_and_the_version_of_channels(
    etag: str, channel: Channel, replaying: Callable[..., Any]
) -> None:
    library = know_the_feed(channel, replaying)
    Channel.objects.update(feed_etag=etag)
    job = scan([channel], requested_by="test", wake_workers=False).job
    item = claim(job.items.get().pk, worker="test")
    assert item
    with CaptureQueriesContext(connection) as captured:
        scan_item(Run(item))
    assert [(url, status) for _method, url, status in library.log] == [(FEED, 200)]
    # When a channel was read is shown, so the channels have a new version; it is written by the commit.
    *own, version = statements(captured)
    assert "freshness_version" in version
    assert len(own) <= 9, "\n".join(own)


def test_a_feed_that_was_not_modified_ends_the_look(channel: Channel, replaying: Callable[..., Any]) -> None:
    know_the_feed(channel, replaying)
    job = scrape(channel)
    assert (job.found, job.requests, job.items.count()) == (0, 1, 1)
    assert job.events.get(name="channel_done").message.endswith("nothing new")


def test_a_look_sets_when_every_list_is_looked_at_next(channel: Channel, replaying: Callable[..., Any]) -> None:
    know_the_feed(channel, replaying)
    scrape(channel)
    assert all(tab.next_check_at and tab.next_check_at > timezone.now() for tab in channel.tabs.all())


def test_a_feed_that_shares_nothing_with_what_is_known_makes_the_lists_be_read(
    channel: Channel, replaying: Callable[..., Any]
) -> None:
    replaying(JANUARY, LIST)
    ingest(channel, [make_entry("long ago")])
    job = scrape(channel)
    assert job.events.filter(message__contains="gap detected").count() == 1
    assert {item.target.partition(":")[0] for item in job.items.all()} == {"channel", "tab"}
    assert Video.objects.count() == 1 + job.added
    assert job.added > 60


def test_a_feed_that_fails_is_left_alone_and_the_lists_are_read(
    channel: Channel, replaying: Callable[..., Any]
) -> None:
    library = replaying(LIST)
    library.fail_next("feeds/videos.xml", 404)
    ingest(channel, [make_entry()])
    job = scrape(channel)
    channel.refresh_from_db()
    assert (job.status, job.added) == (Status.COMPLETED, 60)
    assert channel.feed_retry_at
    assert (channel.error_code, channel.gone_proofs) == ("", [])


def test_feeds_that_answer_404_for_three_days_mark_nothing_gone(
    channel: Channel, time: Any, replaying: Callable[..., Any]
) -> None:
    library = replaying(LIST)
    library.fail_next("feeds/videos.xml", 404, times=1000)
    for _ in range(3 * 24):
        if job := dispatch_due():
            work_off(job.pk, worker="test")
        time.shift(3600)
    asked = [url for _method, url, _status in library.log]
    channel.refresh_from_db()
    assert len([url for url in asked if "feeds/" in url]) > 3
    assert (channel.gone_at, channel.gone_proofs, channel.error_code) == (None, [], "")
    assert not ChannelTab.objects.exclude(error_code="").exists()


def test_the_feed_of_another_channel_is_not_taken_in(channel: Channel, replaying: Callable[..., Any]) -> None:
    replaying(JANUARY)
    Channel.objects.filter(pk=channel.pk).update(external_id="UC" + "x" * 22)
    item = scan([channel], requested_by="test", wake_workers=False).job.items.get()
    run_item(item.pk, worker="test")
    assert not Video.objects.exists()
    assert JobItem.objects.filter(target__startswith="tab:").count() == 2


def test_a_list_that_was_not_read_to_its_end_for_long_is_read_instead_of_the_feed(
    channel: Channel, time: Any, replaying: Callable[..., Any]
) -> None:
    know_the_feed(channel, replaying)
    time.shift(timedelta(days=15))
    job = scan([channel], requested_by="test", wake_workers=False).job
    assert {item.target.partition(":")[0] for item in job.items.all()} == {"tab"}


def test_a_gap_is_not_forgotten_when_the_lists_could_not_be_read(
    channel: Channel, time: Any, replaying: Callable[..., Any]
) -> None:
    library = replaying(JANUARY, LIST)
    ingest(channel, [make_entry("long ago")])
    job = scan([channel], requested_by="test", wake_workers=False).job
    run_item(job.items.get().pk, worker="test")
    request_cancel(job, requested_by="test")
    library.log.clear()
    again = scrape(channel)
    assert {item.target.partition(":")[0] for item in again.items.all()} == {"tab"}
    assert again.added > 30


def test_a_feed_of_which_a_filter_leaves_nothing_is_no_gap(channel: Channel, replaying: Callable[..., Any]) -> None:
    replaying(JANUARY)
    Channel.objects.update(title_pattern="no title is like this")
    job = scrape(channel)
    assert (job.status, job.items.count(), job.added) == (Status.COMPLETED, 1, 0)
