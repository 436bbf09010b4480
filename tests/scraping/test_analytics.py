"""What jobs came to, in all and per day, and how often hosts were asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from nisam.jobs.models import Job, JobItem, Status
from scraping import analytics
from scraping.door import Door
from scraping.errors import HostBusyError
from scraping.models import KEEP_DAYS, Host, HostDay
from tests.builders import make_channel, make_job, make_tab

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
URL = "https://www.youtube.com/x"


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def time(clock: Callable[[str], Any]) -> Any:
    return clock("2026-01-26T18:00:00Z")


def done(*, days_ago: int = 0, status: Status = Status.COMPLETED, seconds: int = 60, **counted: int) -> Job:
    ended = timezone.now() - days_ago * DAY
    job = make_job()
    Job.objects.filter(pk=job.pk).update(
        status=status, created_at=ended, completed_at=ended, started_at=ended - timedelta(seconds=seconds), **counted
    )
    if status == Status.FAILED:
        job.items.update(status=status, completed_at=ended, error_code="timeout")
    return job


def asked(client: Client, path: str, **params: str) -> Any:
    answer = client.get(f"/api/automation/{path}", params)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    return answer.json()


def test_totals_are_of_all_jobs_that_are_kept(staff: Client) -> None:
    done(found=10, added=3, requests=2)
    done(found=5, status=Status.FAILED)
    make_job()
    make_tab(make_channel(error_code="timeout"), next_check_at=timezone.now() - DAY)
    make_channel(is_active=False)
    stats = asked(staff, "stats")
    assert stats["jobs"] == {"pending": 1, "running": 0, "completed": 1, "failed": 1, "cancelled": 0}
    assert stats["channels"] == {"total": 2, "followed": 1, "failing": 1, "overdue": 1}
    assert (stats["videosFound"], stats["videosAdded"], stats["requests"]) == (15, 3, 2)


def test_each_day_has_its_jobs_videos_durations_and_errors(staff: Client, time: Any) -> None:
    done(added=3, seconds=60)
    done(added=4, seconds=120)
    done(days_ago=2, status=Status.FAILED)
    done(days_ago=7, added=100)
    days = asked(staff, "analytics")["days"]
    assert [day["date"] for day in days] == [f"2026-01-{number}" for number in range(20, 27)]
    today, before = days[-1], days[-3]
    assert (today["jobs"], today["failedJobs"], today["videosAdded"], today["errors"]) == (2, 0, 7, {})
    assert (today["meanDurationMs"], today["longestDurationMs"]) == (90_000, 120_000)
    assert (before["failedJobs"], before["errors"]) == (1, {"timeout": 1})
    assert (days[0]["jobs"], days[0]["meanDurationMs"]) == (0, None)


def test_a_period_is_one_of_three(staff: Client) -> None:
    assert len(asked(staff, "analytics", period="90d")["days"]) == 90
    answer = staff.get("/api/automation/analytics", {"period": "1y"})
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, "period")


def test_requests_are_counted_per_host_and_day_against_the_budget(staff: Client, time: Any, settings: Any) -> None:
    settings.SCRAPE_REQUESTS_PER_MINUTE = 30
    for _ in range(3):
        with Door().visit(URL):
            pass
    time.shift(DAY)
    with Door().visit(URL):
        pass
    host = asked(staff, "analytics")["hosts"][0]
    assert (host["host"], host["state"], host["requestsToday"]) == ("youtube.com", "well", 1)
    assert host["requestsByDay"] == {"2026-01-26": 3, "2026-01-27": 1}
    assert (host["budgetPerMinute"], host["budgetPerDay"]) == (30, 43_200)


def test_who_is_sent_away_is_not_counted(time: Any) -> None:
    Host.objects.create(name="youtube.com", next_free_at=timezone.now() + DAY)
    with pytest.raises(HostBusyError), Door().visit(URL):
        pass
    assert Host.objects.get().asked_count == 0


def test_a_new_day_forgets_those_that_are_long_past(time: Any) -> None:
    today = timezone.now().date()
    HostDay.objects.create(host="a", day=today - KEEP_DAYS - DAY)
    host = Host(name="a", asked_day=today - DAY, asked_count=7)
    host.was_asked(today)
    kept = HostDay.objects.get()
    assert (kept.day, kept.requests, host.asked_day, host.asked_count) == (today - DAY, 7, today, 1)


def test_a_clock_that_is_behind_does_not_begin_a_day_again(time: Any) -> None:
    today = timezone.now().date()
    host = Host(name="a", asked_day=today, asked_count=7)
    host.was_asked(today - DAY)
    assert (host.asked_day, host.asked_count) == (today, 8)


def test_it_takes_the_same_statements_whatever_there_is(
    staff: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    for days_ago in range(5):
        done(days_ago=days_ago, status=Status.FAILED)
        Host.objects.create(name=f"host {days_ago}")
    with django_assert_num_queries(6):  # two of them are the session and the user
        staff.get("/api/automation/analytics", {"period": "90d"})
    with django_assert_num_queries(5):
        staff.get("/api/automation/stats")


def test_the_errors_of_a_day_are_found_in_their_index() -> None:
    job = make_job()
    now = timezone.now()
    JobItem.objects.bulk_create(
        JobItem(
            job=job, position=n, target=f"x:{n}", status=Status.FAILED if n % 50 == 0 else Status.COMPLETED,
            completed_at=now - DAY * (n % 90),
        )
        for n in range(1, 5001)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert "jobitem_failed" in analytics.failed_items(now - 7 * DAY).explain()
