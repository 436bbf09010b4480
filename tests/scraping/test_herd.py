"""Thousands of channels at once: handed out as their hosts can take them, spread over their interval, asked in turn."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection
from django.utils import timezone

from channels.follow import scan
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Job, JobItem, Status
from nisam.jobs.start import NothingToDoError
from scraping.begin import read_due
from scraping.models import Host
from scraping.rhythm import Bounds, next_check
from scraping.schedule import BATCH, dispatch_due
from tests.builders import make_channel, make_job, make_tab
from tests.processes import start_worker, until
from tests.scraping.conftest import Site

MANY = 1000
HOUR = timedelta(hours=1)
FEED = "<rss version='2.0'><channel><title>{0}</title><item><guid>{0}</guid><title>x</title></item></channel></rss>"


def make_herd(number: int, **fields: Any) -> None:
    """So many channels, each with a list that is due."""
    url = "https://www.youtube.com/channel/UC"
    channels = [
        Channel(platform="youtube", external_id=f"h{place}", slug=f"h{place}", name=f"h{place}", url=url)
        for place in range(number)
    ]
    Channel.objects.bulk_create(channels, batch_size=1000)
    tabs = (ChannelTab(channel=channel, kind="videos", url=url, **fields) for channel in channels)
    ChannelTab.objects.bulk_create(tabs, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself within a minute


def by_tenth(moments: list[Any], began: Any, width: timedelta) -> Counter[int]:
    """How many fall into each tenth of a span of time."""
    return Counter(int((moment - began) / (width / 10)) for moment in moments)


@pytest.mark.django_db
class TestHandingOut:
    def test_no_more_is_in_hand_than_the_host_can_take_within_two_minutes(self, settings: Any) -> None:
        settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST = 30, 20
        make_herd(100)
        job = dispatch_due()
        assert job
        assert job.total_items == 60
        assert dispatch_due() is None
        job.items.filter(position__lt=10).update(status=Status.COMPLETED)
        again = dispatch_due()
        assert again
        assert again.total_items == 10

    def test_the_longest_due_come_first(self, settings: Any) -> None:
        settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST = 1, 1
        make_tab()
        first, second = (make_tab(next_check_at=timezone.now() - HOUR * hours) for hours in (3, 2))
        job = dispatch_due()
        assert job
        assert {item.target for item in job.items.all()} == {f"tab:{first.pk}", f"tab:{second.pk}"}

    def test_one_host_with_very_many_keeps_no_other_waiting(self) -> None:
        make_herd(1000, next_check_at=timezone.now() - HOUR)
        other = make_tab(make_channel(platform="peertube", url="https://tube.example/c/a"))
        job = dispatch_due()
        assert job
        assert job.items.filter(target=f"tab:{other.pk}").exists()

    def test_a_host_that_is_full_keeps_no_other_of_its_platform_waiting(self, settings: Any) -> None:
        settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST = 1, 2
        make_herd(BATCH + 100, next_check_at=timezone.now() - HOUR)
        assert dispatch_due()
        other = make_tab(make_channel(url="https://other.example/c/a"))
        nobody = make_channel(url="https://another.example/c/a", external_id=None, resolve_at=timezone.now())
        job = dispatch_due()
        assert job
        assert {item.target for item in job.items.all()} == {f"tab:{other.pk}", f"channel:{nobody.pk}"}

    def test_what_an_operator_has_asked_for_counts_as_well(self, settings: Any) -> None:
        settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST = 1, 2
        for tab in [make_tab(next_check_at=None) for _ in range(2)]:
            scan([tab.channel], requested_by="operator", wake_workers=False)
        make_tab()
        assert dispatch_due() is None
        with pytest.raises(NothingToDoError, match="or its hosts have enough to do"):
            read_due(requested_by="operator")

    def test_without_a_pace_a_batch_goes_out_each_minute(self, settings: Any) -> None:
        settings.SCRAPE_REQUESTS_PER_MINUTE = 0
        make_herd(600)
        assert [job and job.total_items for job in (dispatch_due(), dispatch_due(), dispatch_due())] == [500, 100, None]

    def test_it_takes_the_same_statements_for_any_number(
        self, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        make_herd(200)
        make_job()
        with django_assert_max_num_queries(24):
            dispatch_due()


@pytest.mark.django_db
class TestSpreading:
    @pytest.mark.parametrize("since", [None, 30 * HOUR])
    def test_what_is_new_or_was_late_together_is_spread_over_its_interval(
        self, since: timedelta | None, clock: Callable[..., Any]
    ) -> None:
        clock("2026-01-26T18:00:00Z")
        now = timezone.now()
        tab = make_tab(last_checked_at=since and now - since)
        tenths = by_tenth([next_check(tab) for _ in range(MANY)], now + HOUR / 2, HOUR)
        assert sorted(tenths) == list(range(10))
        assert max(tenths.values()) < 1.5 * MANY / 10

    def test_who_was_in_time_stays_in_time(self, clock: Callable[..., Any]) -> None:
        clock("2026-01-26T18:00:00Z")
        tab = make_tab(last_checked_at=timezone.now() - HOUR)
        waits = [next_check(tab) - timezone.now() for _ in range(200)]
        assert 0.9 * HOUR <= min(waits) < max(waits) <= 1.1 * HOUR

    def test_a_minute_late_is_no_herd(self, clock: Callable[..., Any]) -> None:
        clock("2026-01-26T18:00:00Z")
        tab = make_tab(last_checked_at=timezone.now() - HOUR - timedelta(minutes=1))
        assert all(next_check(tab) - timezone.now() <= 1.1 * HOUR for _ in range(200))


@pytest.mark.django_db
def test_5000_due_channels_wait_in_the_schedule_and_come_back_spread_over_their_interval(
    settings: Any, clock: Callable[..., Any]
) -> None:
    clock("2026-01-26T18:00:00Z")
    settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST = 30, 20
    make_herd(5000)
    job = dispatch_due()
    assert job
    assert (job.total_items, ChannelTab.objects.due(timezone.now()).count()) == (60, 4940)
    assert dispatch_due() is None
    tabs, bounds = ChannelTab.objects.select_related("channel"), Bounds.now()
    by_minute = Counter((next_check(tab, bounds) - timezone.now()) // timedelta(minutes=1) for tab in tabs)
    assert set(by_minute) == set(range(30, 90))
    assert max(by_minute.values()) < 1.6 * 5000 / 60


@pytest.fixture
def four_processes(broker: "redis.Redis", tmp_path: Path, transactional_db: None) -> Iterator[None]:
    """Two workers of two processes each, which ask a host four times a second."""
    pace: Any = {"NISAM_SCRAPE_REQUESTS_PER_MINUTE": "240", "NISAM_SCRAPE_BURST": "2"}
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(start_worker(tmp_path, NISAM_ALLOW_PRIVATE_HOSTS="127.0.0.1", **pace))
        yield


@pytest.mark.django_db(transaction=True)
def test_four_worker_processes_ask_one_host_no_faster_than_one_would(four_processes: None, site: Site) -> None:
    channels = []
    for number in range(16):
        url = site.put(f"/{number}.xml", FEED.format(number))
        channel = make_channel(platform="feed", external_id=url, url=url, feed_url=url)
        make_tab(channel, url=url, last_full_at=timezone.now())
        channels.append(channel)
    job = scan(channels, requested_by="test").job
    until(lambda: Job.objects.filter(pk=job.pk, status=Status.COMPLETED).exists(), seconds=30)
    assert JobItem.objects.values("worker").distinct().count() == 2
    moments = sorted(site.asked_at)
    assert len(moments) == 16 == Host.objects.get().asked_count
    # A burst of two, then one each quarter of a second: any three lie a quarter apart, less what a process dawdled.
    assert moments[-1] - moments[0] >= 14 * 0.25 - 0.2
    assert all(later - earlier >= 0.15 for earlier, later in pairwise(moments[::2]))
