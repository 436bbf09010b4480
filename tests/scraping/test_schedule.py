"""What is due, and its dispatch."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from channels.models import Channel, ChannelTab
from nisam.jobs.models import Job, JobItem
from nisam.jobs.start import Target, start
from scraping.errors import ChannelGoneError, RateLimitedError
from scraping.models import Schedule
from scraping.rhythm import next_check, next_check_after
from scraping.schedule import DUE, dispatch_due
from tests.builders import make_channel, make_tab

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


def read_now(channel: Channel | None = None) -> ChannelTab:
    """A tab that was not late."""
    return make_tab(channel, last_checked_at=timezone.now())


def test_due_tabs_are_dispatched_in_one_job_and_put_off() -> None:
    due, later = make_tab(), make_tab(next_check_at=timezone.now() + timedelta(hours=1))
    job = dispatch_due()
    assert job
    assert (job.type, [item.target for item in job.items.all()]) == (DUE, [f"tab:{due.pk}"])
    due.refresh_from_db()
    assert due.next_check_at
    assert due.next_check_at > timezone.now()
    assert later.next_check_at
    assert dispatch_due() is None


def test_paused_channels_are_not_dispatched() -> None:
    make_tab(make_channel(is_active=False))
    assert dispatch_due() is None


def test_a_tab_that_is_being_read_is_left_to_its_job() -> None:
    tab = make_tab()
    start("channel_scan", [Target(f"tab:{tab.pk}", "t")], requested_by="test", wake_workers=False)
    assert dispatch_due() is None
    assert Job.objects.count() == 1


def test_a_channel_that_could_not_be_resolved_is_asked_for_again() -> None:
    channel = make_channel(external_id=None, resolve_at=timezone.now())
    job = dispatch_due()
    assert job
    assert [item.target for item in job.items.all()] == [f"channel:{channel.pk}"]
    assert dispatch_due() is None


def dispatch_four_times_at_once() -> None:
    barrier = threading.Barrier(4)

    def dispatch(_: int) -> None:
        barrier.wait()
        try:
            dispatch_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(dispatch, range(4)))


def test_two_beats_at_once_dispatch_each_tab_once() -> None:
    for _ in range(20):
        make_tab()
    dispatch_four_times_at_once()
    assert JobItem.objects.count() == 20
    assert JobItem.objects.values("target").distinct().count() == 20


def test_two_beats_at_once_fill_a_hosts_room_once(settings: Any) -> None:
    settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST = 1, 2
    for _ in range(20):
        make_tab()
    dispatch_four_times_at_once()
    assert JobItem.objects.count() == 2


def test_a_dispatch_that_fails_is_not_noted_as_one_that_ran() -> None:
    make_tab()

    def broken(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT") and JobItem._meta.db_table in sql:
            raise DatabaseError
        return execute(sql, *rest)

    with connection.execute_wrapper(broken), pytest.raises(DatabaseError):
        dispatch_due()
    assert Schedule.load().dispatched_at is None


def test_the_next_look_is_an_interval_away_give_or_take_a_tenth(clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    waits = {next_check(read_now(make_channel(interval_minutes=100))) - timezone.now() for _ in range(20)}
    assert timedelta(minutes=90) <= min(waits) < max(waits) <= timedelta(minutes=110)


def test_a_channel_without_an_interval_gets_the_default(clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    wait = next_check(read_now()) - timezone.now()
    assert abs(wait - timedelta(minutes=settings.SCRAPE_INTERVAL_MINUTES)) <= timedelta(
        minutes=settings.SCRAPE_INTERVAL_MINUTES * 0.1
    )


def test_a_longer_retry_after_is_respected(clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    wait = next_check_after(RateLimitedError("slow", retry_after=timedelta(hours=10))) - timezone.now()
    assert wait >= timedelta(hours=9)


def test_a_channel_that_seems_gone_is_asked_again() -> None:
    assert next_check_after(ChannelGoneError("gone")) < timezone.now() + timedelta(days=2)


def test_choosing_what_is_due_is_one_query_on_its_index(django_assert_num_queries: Callable[..., Any]) -> None:
    channel = make_channel()
    rows = [
        Channel(platform="youtube", external_id=f"x{number}", slug=f"x{number}", name="x", url=channel.url)
        for number in range(2000)
    ]
    Channel.objects.bulk_create(rows)
    far = timezone.now() + timedelta(days=1)
    tabs = [ChannelTab(channel=row, kind="videos", url=row.url, next_check_at=far) for row in rows]
    ChannelTab.objects.bulk_create(tabs)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    due = ChannelTab.objects.due(timezone.now()).select_related("channel")[:500]
    with django_assert_num_queries(1):
        list(due)
    assert "channeltab_due" in due.explain()
