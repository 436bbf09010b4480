"""The dashboard's page: what it says, and how many statements that takes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from channels.models import ChannelTab
from nisam.jobs.models import Job, JobItem, Status
from nisam.presence.models import Process
from scraping.models import Host, HostDay
from tests.builders import make_channel, make_job, make_tab

pytestmark = pytest.mark.django_db
PATH = "/admin/automation/"


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def alive() -> None:
    """A Beat and a worker of every queue that have just been heard of."""
    queues, now = ["scrape", "details", "databases", "default"], timezone.now()
    Process.objects.create(name="beat", kind=Process.Kind.BEAT, seen_at=now)
    Process.objects.create(name="worker", kind=Process.Kind.WORKER, queues=queues, seen_at=now)


def test_a_red_banner_says_that_beat_and_the_workers_are_not_alive(staff: Client) -> None:
    assert "No worker is alive" in staff.get(PATH).text
    alive()
    assert "banner" not in staff.get(PATH).text


def test_lists_that_are_overdue_or_fail_are_named_with_a_link_that_says_why(staff: Client) -> None:
    now = timezone.now()
    late = make_tab(make_channel(name="Late"), next_check_at=now - timedelta(hours=1))
    tab = make_tab(make_channel(name="Broken"), next_check_at=now + timedelta(hours=1))
    ChannelTab.objects.filter(pk=tab.pk).update(failures=3, error_message="The site <b>asks</b> for less.")
    make_tab(make_channel(name="Paused", is_active=False), next_check_at=now - timedelta(hours=1), failures=2)
    page = staff.get(PATH).text
    assert "1 list overdue" in page
    assert "1 failing" in page
    assert f"/admin/channels/channel/{late.channel_id}/why/" in page
    assert "3 times in a row: <bdi>The site &lt;b&gt;asks&lt;/b&gt; for less.</bdi>" in page
    assert "Paused" not in page


def test_channels_that_nobody_knows_yet_can_be_overdue(staff: Client) -> None:
    assert "No list overdue" in staff.get(PATH).text
    make_channel(external_id=None, resolve_at=timezone.now() - timedelta(hours=1))
    make_channel(external_id=None, resolve_at=timezone.now() + timedelta(hours=1))
    page = staff.get(PATH).text
    assert '2 being looked up (<span class="health-bad">1 overdue</span>)' in page


def test_a_resting_host_says_when_it_is_asked_again_and_what_was_spent_of_its_budget(
    staff: Client, settings: Any
) -> None:
    settings.SCRAPE_REQUESTS_PER_MINUTE, settings.DETAILS_PER_DAY = 10, 200
    now = timezone.now()
    Host.objects.create(name="slow.example", open_until=now + timedelta(minutes=30), error_message="Slow down.")
    HostDay.objects.create(host="slow.example", day=now.date(), requests=77)
    page = staff.get(PATH).text
    assert "Slow down." in page
    assert "asked again in 29" in page or "asked again in 30" in page
    assert "77 of 14,400" in page


def test_the_charts_count_the_videos_and_the_errors_of_30_days(staff: Client) -> None:
    job, now = make_job("tab:1"), timezone.now()
    Job.objects.filter(pk=job.pk).update(added=1234, started_at=now, completed_at=now + timedelta(seconds=30))
    JobItem.objects.update(status=Status.FAILED, error_code="timeout", completed_at=now)
    page = staff.get(PATH).text
    assert "1,234 in 30 days" in page
    assert "30 s (the longest 30 s; 1 job, 0 failed)" in page
    assert 'aria-label="timeout"' in page


def test_the_number_of_statements_does_not_grow(staff: Client, django_assert_num_queries: Callable[..., Any]) -> None:
    def fill() -> None:
        for _ in range(3):
            make_job()
            make_tab(next_check_at=timezone.now() - timedelta(hours=1), failures=1)

    fill()
    with django_assert_num_queries(21):
        staff.get(PATH)
    fill()
    with django_assert_num_queries(21):
        staff.get(PATH)


def test_who_may_not_see_jobs_does_not_see_the_dashboard(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(PATH).status_code == 403
    client.force_login(User.objects.create_user("visitor"))
    assert client.get(PATH).status_code == 302
