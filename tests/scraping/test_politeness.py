"""Hosts are asked politely by all workers together, and what a host does is not charged to its channels."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from channels.follow import scan
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Job, JobItem, Status
from nisam.jobs.runner import run_item
from scraping import errors
from scraping.door import Door
from scraping.models import FAILURES_TO_OPEN, LONGEST_BOOKING, LONGEST_WAIT, Host
from tests.builders import make_recorded_channel, make_tab
from tests.recorded import SCENARIOS
from videos.models import Video

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "youtube-kurzgesagt-videos-2026-01"
URL = "https://www.youtube.com/x"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def time(clock: Callable[[str], Any]) -> Any:
    return clock(SCENARIOS[LIST]["recorded_at"])


def run_due(job: Job) -> None:
    """Let one worker take everything whose time has come, once."""
    for pk in job.items.filter(status=Status.PENDING).values_list("pk", flat=True):
        run_item(pk, worker="test")


def admitted(host: Host, *, per_minute: int = 60, burst: int = 5) -> timedelta:
    return host.admit(timezone.now(), interval=MINUTE / per_minute, burst=burst)


def test_a_burst_is_let_in_at_once_and_the_rest_at_the_pace(time: Any) -> None:
    host = Host(name="x")
    waits = [admitted(host).total_seconds() for _ in range(8)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 3]


def test_the_burst_comes_back_when_nobody_asks(time: Any) -> None:
    host = Host(name="x")
    for _ in range(8):
        admitted(host)
    time.shift(60)
    assert [admitted(host) for _ in range(5)] == [timedelta(0)] * 5


def test_a_turn_that_is_too_far_away_is_given_back(time: Any) -> None:
    host = Host(name="x", next_free_at=timezone.now() + LONGEST_WAIT * 2)
    with pytest.raises(errors.HostBusyError) as raised:
        admitted(host)
    assert raised.value.retry_after > LONGEST_WAIT
    assert host.next_free_at == timezone.now() + LONGEST_WAIT * 2


def test_who_is_sent_away_is_told_to_come_back_one_after_the_other(time: Any) -> None:
    host = Host(name="x", next_free_at=timezone.now() + LONGEST_WAIT * 2)
    waits = []
    for _ in range(700):
        with pytest.raises(errors.HostBusyError) as raised:
            admitted(host)
        waits.append(raised.value.retry_after)
    assert all(later - earlier == timedelta(seconds=1) for earlier, later in pairwise(waits[:500]))
    assert waits.count(waits[0]) == 2, "after ten minutes they begin anew"
    assert max(waits) <= LONGEST_BOOKING


def test_a_booking_is_kept_though_the_request_is_not_made(settings: Any) -> None:
    settings.SCRAPE_REQUESTS_PER_MINUTE = 60
    Host.objects.create(name="youtube.com", next_free_at=timezone.now() + LONGEST_WAIT * 4)
    with pytest.raises(errors.HostBusyError), Door().visit(URL):
        pass
    assert Host.objects.get().booked_until


@pytest.mark.parametrize("failures", [0, 1])
@pytest.mark.parametrize("open_for", [None, timedelta(0), MINUTE])
@pytest.mark.parametrize("ahead", [None, -MINUTE, timedelta(seconds=3), timedelta(seconds=5), MINUTE / 3])
@pytest.mark.parametrize("day", [None, "2026-02-28", "2026-03-01", "2026-03-02"])
def test_a_request_is_let_in_by_one_statement_as_by_the_row(
    failures: int, open_for: timedelta | None, ahead: timedelta | None, day: str | None
) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    row = Host.objects.create(
        name="x",
        failures=failures,
        open_until=now + open_for if open_for is not None else None,
        next_free_at=now + ahead if ahead is not None else None,
        asked_day=date.fromisoformat(day) if day else None,
        asked_count=7,
    )
    if Host.objects.let_in("x", now, interval=MINUTE / 60, burst=5):
        assert row.admit(now, interval=MINUTE / 60, burst=5) == timedelta(0)
        row.was_asked(now.date())
        assert row.is_clean
    stored = Host.objects.get()
    assert (stored.next_free_at, stored.asked_count) == (row.next_free_at, row.asked_count)


def test_a_host_that_is_well_is_asked_with_one_statement(django_assert_num_queries: Callable[..., Any]) -> None:
    for _ in range(2):
        with Door().visit(URL):
            pass
    with django_assert_num_queries(1), Door().visit(URL):
        pass


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite does not wait for the disk at a commit.")
def test_a_pace_that_does_not_wait_for_the_disk_lets_nothing_else_be_lost() -> None:
    now = timezone.now()
    Host.objects.create(name="x", next_free_at=now, asked_day=now.date())
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # a test's database has it off
        try:
            with transaction.atomic():  # with other rows
                assert Host.objects.let_in("x", now, interval=MINUTE, burst=5)
                cursor.execute("SHOW synchronous_commit")
                assert cursor.fetchone() == ("on",)
            assert Host.objects.let_in("x", now, interval=MINUTE, burst=5)
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
        finally:
            cursor.execute("RESET synchronous_commit")


def test_many_workers_share_one_pace(settings: Any) -> None:
    settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST = 600, 1
    Host.objects.create(name="youtube.com")
    started = threading.Barrier(4)

    def ask(_: int) -> float:
        started.wait()
        try:
            with Door().visit(URL):
                return timezone.now().timestamp()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        moments = sorted(pool.map(ask, range(4)))
    assert all(later - earlier >= 0.08 for earlier, later in pairwise(moments))


def test_what_a_host_asks_for_is_the_least_it_is_left_alone(time: Any) -> None:
    host = Host(name="x")
    host.failed(errors.RateLimitedError("slow", retry_after=timedelta(hours=9)), timezone.now())
    assert host.open_until
    assert host.open_until >= timezone.now() + timedelta(hours=9)


def test_each_rest_in_a_row_is_longer(time: Any) -> None:
    host, rests = Host(name="x"), []
    for _ in range(4):
        host.failed(errors.RateLimitedError("slow"), timezone.now())
        assert host.open_until
        rests.append(host.open_until - timezone.now())
    assert all(later > earlier * 1.5 for earlier, later in pairwise(rests))


def test_requests_that_were_under_way_together_are_one_incident(time: Any) -> None:
    host, asked_at = Host(name="x"), timezone.now()
    time.shift(1)
    for _ in range(6):
        host.failed(errors.RateLimitedError("slow"), asked_at)
    assert host.open_until
    assert host.times_opened == 1
    assert host.open_until < timezone.now() + timedelta(hours=1)


def test_an_answer_that_was_under_way_does_not_close_a_breaker_that_opened_meanwhile(time: Any) -> None:
    host, asked_at = Host(name="x"), timezone.now()
    time.shift(1)
    host.failed(errors.RateLimitedError("slow"), timezone.now())
    host.succeeded(asked_at)
    assert host.open_until


def test_a_feeds_failures_are_not_charged_to_the_lists_host() -> None:
    door = Door()
    for _ in range(FAILURES_TO_OPEN):
        with door.visit("https://www.youtube.com/feeds/videos.xml?channel_id=x"):
            pass
        door.failed(errors.NetworkError("500"))
    with Door().visit(URL):
        pass
    assert Host.objects.exclude(open_until=None).get().name == "youtube.com/feeds"


def test_passing_failures_open_the_breaker_only_in_a_row(time: Any) -> None:
    host = Host(name="x")
    for _ in range(FAILURES_TO_OPEN - 1):
        host.failed(errors.NetworkError("broken"), timezone.now())
    assert host.open_until is None
    host.succeeded(timezone.now())
    host.failed(errors.NetworkError("broken"), timezone.now())
    assert host.open_until is None


def test_a_missing_page_is_no_failure_of_the_host() -> None:
    door = Door()
    with door.visit(URL):
        pass
    door.failed(errors.ChannelGoneError("404"))
    assert Host.objects.get().is_clean


def test_a_host_that_has_rested_gets_one_probe(time: Any) -> None:
    Host.objects.create(name="youtube.com", open_until=timezone.now() - MINUTE, times_opened=1)
    with Door().visit(URL):
        pass
    with pytest.raises(errors.HostRestingError), Door().visit(URL):
        pass


def test_a_probe_that_waits_for_its_turn_is_not_in_its_own_way(settings: Any) -> None:
    settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST = 600, 1
    soon = timezone.now() + timedelta(seconds=0.3)
    Host.objects.create(name="youtube.com", open_until=timezone.now() - MINUTE, next_free_at=soon)
    with Door().visit(URL):
        assert timezone.now() >= soon


def test_a_probe_that_is_never_heard_of_gives_way_to_another(time: Any) -> None:
    Host.objects.create(name="youtube.com", open_until=timezone.now() - MINUTE, times_opened=1)
    with Door().visit(URL):
        pass
    time.shift(180)
    with Door().visit(URL):
        pass
    assert Host.objects.get().probe_until


def test_being_told_to_slow_down_in_the_middle_of_a_list_keeps_its_first_page(
    time: Any, replaying: Callable[..., Any]
) -> None:
    library = replaying(LIST)
    library.fail_next("youtubei/v1/browse", 429)
    channel = make_recorded_channel(SCENARIOS[LIST]["channel_id"])
    job = scan([channel], requested_by="test", wake_workers=False).job
    run_due(job)
    item, tab = job.items.get(), ChannelTab.objects.get()
    channel.refresh_from_db()
    assert (Video.objects.count(), item.status, item.failures) == (30, Status.PENDING, 0)
    assert (tab.failures, tab.error_code, channel.error_code) == (0, "", "")
    assert item.available_at >= Host.objects.get().open_until  # type: ignore[operator]
    time.shift(7200)
    library.log.clear()
    run_due(job)
    job.refresh_from_db()
    assert (job.status, job.added) == (Status.COMPLETED, 60)
    assert all(method == "POST" for method, _url, _status in library.log)  # the first page is not asked for again
    assert Host.objects.get().is_clean


def test_of_two_hundred_channels_one_meets_the_refusal_and_one_probe_follows(
    time: Any, replaying: Callable[..., Any]
) -> None:
    library = replaying(LIST)
    library.fail_next("", 429, times=2)
    recorded = make_recorded_channel(SCENARIOS[LIST]["channel_id"])
    others = [make_tab().channel for _ in range(199)]
    job = scan([recorded, *others], requested_by="test", wake_workers=False).job
    run_due(job)
    assert len(library.log) == 1
    time.shift(3600)
    run_due(job)
    assert len(library.log) == 2
    assert JobItem.objects.filter(status=Status.PENDING, failures=0).count() == 200
    assert not Channel.objects.exclude(error_code="").exists()


def test_a_job_that_waited_a_day_for_a_host_fails_with_the_hosts_words(
    time: Any, replaying: Callable[..., Any]
) -> None:
    replaying(LIST).fail_next("", 429, times=100)
    channel = make_recorded_channel(SCENARIOS[LIST]["channel_id"])
    job = scan([channel], requested_by="test", wake_workers=False).job
    for _ in range(5):
        run_due(job)
        time.shift(8 * 3600)
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert "slow down" in job.error_message


def test_a_job_counts_its_requests_and_bytes(time: Any, replaying: Callable[..., Any]) -> None:
    library = replaying(LIST)
    channel = make_recorded_channel(SCENARIOS[LIST]["channel_id"])
    job = scan([channel], requested_by="test", wake_workers=False).job
    run_due(job)
    job.refresh_from_db()
    assert job.requests == len(library.log)
    assert job.bytes_received > 100_000
