"""/api/scheduler: how the schedule is, and steering it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from channels.models import ChannelTab
from nisam import schedule
from nisam.jobs.models import Job
from nisam.presence.models import GONE_AFTER, Process
from scraping.rhythm import next_check
from scraping.schedule import dispatch_due
from tests.builders import make_channel, make_tab

pytestmark = pytest.mark.django_db
PATH = "/api/scheduler"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def installed() -> None:
    PeriodicTask.objects.all().delete()
    schedule.install()


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def patch(client: Client, **body: Any) -> Any:
    return client.patch(PATH, body, content_type="application/json")


def shown(client: Client) -> Any:
    answer = client.get(PATH)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    return answer.json()


def test_a_new_installation_is_enabled_with_the_settings_intervals(staff: Client, settings: Any) -> None:
    settings.SCRAPE_INTERVAL_MINUTES = 90
    state = shown(staff)
    intervals = [state[name] for name in ("shortestIntervalHours", "intervalHours", "longestIntervalHours")]
    assert (state["isEnabled"], intervals) == (True, [0.25, 1.5, 24.0])
    assert (state["lastRun"], state["nextRun"], state["isRunning"], state["overdueChannels"]) == (None, None, False, 0)


def test_stopping_switches_beats_dispatches_off_and_tells_it(staff: Client) -> None:
    before = PeriodicTasks.last_change()
    assert staff.post(f"{PATH}/stop").json()["isEnabled"] is False
    off = PeriodicTask.objects.filter(enabled=False).values_list("task", flat=True)
    assert set(off) == {"scraping.dispatch_due", "scraping.dispatch_details"}
    assert PeriodicTasks.last_change() != before
    assert staff.post(f"{PATH}/start").json()["isEnabled"] is True
    assert not PeriodicTask.objects.filter(enabled=False).exists()


def test_starting_brings_a_tick_back_that_was_deleted(staff: Client) -> None:
    PeriodicTask.objects.filter(task="scraping.dispatch_due").delete()
    assert shown(staff)["isEnabled"] is False
    assert patch(staff, isEnabled=True).json()["isEnabled"] is True


def test_an_interval_that_an_operator_sets_is_that_of_lists_nobody_knows(staff: Client) -> None:
    assert patch(staff, intervalHours=6).json()["intervalHours"] == 6.0
    wait = next_check(make_tab(last_checked_at=timezone.now())) - timezone.now()
    assert 5.3 * HOUR < wait < 6.7 * HOUR
    assert patch(staff, intervalHours=None).json()["intervalHours"] == 1.0


def test_the_bounds_are_an_operators_too(staff: Client) -> None:
    patch(staff, longestIntervalHours=2)
    rare = make_tab(publishes_every_minutes=60 * 24 * 100, last_checked_at=timezone.now())
    assert next_check(rare) - timezone.now() < 2.3 * HOUR


@pytest.mark.parametrize(
    "body", [{"intervalHours": 48}, {"shortestIntervalHours": 2}, {"longestIntervalHours": 0.5, "intervalHours": 0.75}]
)
def test_intervals_that_are_out_of_order_are_refused_and_not_kept(body: dict[str, float], staff: Client) -> None:
    before = shown(staff)
    answer = patch(staff, **body, isEnabled=False)
    assert (answer.status_code, answer.json()["code"]) == (422, "INTERVALS_OUT_OF_ORDER")
    assert shown(staff) == before


@pytest.mark.parametrize("value", ["6", True, 0, -1, 1e9, [], {}])
def test_an_interval_is_a_number_of_hours(value: Any, staff: Client) -> None:
    answer = patch(staff, intervalHours=value)
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["intervalHours"])


def test_run_now_hands_out_what_is_due_even_while_the_schedule_is_off(staff: Client) -> None:
    make_tab()
    staff.post(f"{PATH}/stop")
    answer = staff.post(f"{PATH}/run-now").json()
    job = Job.objects.get()
    assert (answer["jobId"], answer["isRunning"], job.requested_by) == (str(job.pk), True, "admin")
    assert staff.post(f"{PATH}/run-now").json()["jobId"] is None


def test_a_channel_nobody_knows_yet_is_something_to_hand_out(staff: Client, clock: Callable[..., Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    make_channel(external_id=None, resolve_at=timezone.now() + HOUR)
    assert shown(staff)["nextRun"] == "2026-01-26T19:00:00Z"


def test_the_last_run_and_the_next_one_that_finds_something(staff: Client, clock: Callable[..., Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    tab = make_tab(next_check_at=timezone.now() + HOUR)
    dispatch_due()
    state = shown(staff)
    assert (state["lastRun"], state["nextRun"]) == ("2026-01-26T18:00:00Z", "2026-01-26T19:00:00Z")
    ChannelTab.objects.filter(pk=tab.pk).update(next_check_at=timezone.now())
    assert shown(staff)["nextRun"] == "2026-01-26T18:01:00Z"
    assert staff.post(f"{PATH}/stop").json()["nextRun"] is None


def test_channels_are_overdue_when_their_turn_is_long_past(staff: Client) -> None:
    channel = make_channel()
    for kind in ("videos", "shorts"):
        make_tab(channel, kind=kind, next_check_at=timezone.now() - HOUR)
    make_tab()
    make_tab(make_channel(is_active=False), next_check_at=timezone.now() - HOUR)
    assert shown(staff)["overdueChannels"] == 1


def test_channels_that_nobody_knows_yet_are_overdue_like_others(staff: Client) -> None:
    unknown = make_channel(external_id=None, resolve_at=timezone.now() - HOUR)
    make_channel(external_id=None, resolve_at=timezone.now())
    make_channel(external_id=None, resolve_at=None)
    make_channel(external_id=None, resolve_at=timezone.now() - HOUR, is_active=False)
    make_tab(next_check_at=timezone.now() - HOUR)
    assert shown(staff)["overdueChannels"] == 2
    make_tab(unknown, next_check_at=timezone.now() - HOUR)
    assert shown(staff)["overdueChannels"] == 2


def test_it_takes_the_same_statements_whatever_there_is(
    staff: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(5):
        make_tab(next_check_at=timezone.now() - HOUR)
    with django_assert_num_queries(9):  # two of them are the session and the user
        shown(staff)


def sign(kind: str, *queues: str, ago: timedelta = timedelta(0)) -> None:
    Process.objects.create(name=f"{kind} {ago}", kind=kind, queues=list(queues), seen_at=timezone.now() - ago)


def test_without_any_process_both_are_missed_in_words(staff: Client) -> None:
    state = shown(staff)
    assert (state["beatAlive"], state["workersAlive"], state["lastHeartbeat"]) == (False, False, None)
    assert [words.split()[0] for words in state["problems"]] == ["Beat", "No"]


def test_who_was_heard_of_lately_is_alive_and_who_was_not_is_not(staff: Client) -> None:
    sign("beat")
    sign("worker", ago=GONE_AFTER)
    state = shown(staff)
    assert (state["beatAlive"], state["workersAlive"], len(state["problems"])) == (True, False, 1)
    assert state["lastHeartbeat"]


def test_a_queue_that_no_worker_takes_from_is_named(staff: Client) -> None:
    sign("beat")
    sign("worker", "scrape", "default", "databases")
    state = shown(staff)
    assert (state["workers"], state["idleQueues"]) == (1, ["details"])
    assert "details" in state["problems"][0]
