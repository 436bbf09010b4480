"""POST /api/automation/jobs/start: jobs by their type."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from nisam.jobs.models import Job
from tests.builders import make_channel, make_tab

pytestmark = pytest.mark.django_db
START = "/api/automation/jobs/start"
LATER = timedelta(days=1)


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def ask(client: Client, **body: Any) -> Any:
    return client.post(START, body, content_type="application/json")


def targets(answer: Any) -> set[str]:
    assert answer.status_code == 202, answer.content
    assert answer.json()["success"] is True
    return set(Job.objects.get(pk=answer.json()["jobId"]).items.values_list("target", flat=True))


def test_a_full_sync_reads_all_that_is_followed_and_nothing_else(staff: Client) -> None:
    one, other = make_tab(), make_tab(next_check_at=timezone.now() + LATER)
    unknown = make_channel(external_id=None)
    make_tab(make_channel(is_active=False))
    make_tab(is_followed=False)
    answer = ask(staff, type="full_sync", incremental=False)
    assert targets(answer) == {f"tab:{one.pk}", f"tab:{other.pk}", f"channel:{unknown.pk}"}
    job = Job.objects.get()
    assert (job.type, job.options, job.requested_by) == ("full_sync", {"full": True}, "admin")


def test_an_incremental_sync_asks_the_feeds_where_there_are_any(staff: Client) -> None:
    tab = make_tab(make_channel(feed_url="https://example.org/feed"), last_full_at=timezone.now())
    assert targets(ask(staff, type="full_sync", incremental=True)) == {f"channel:{tab.channel_id}"}


def test_a_full_sync_takes_the_same_statements_for_any_number_of_channels(
    staff: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for _ in range(30):
        make_tab()
    with django_assert_max_num_queries(16):
        ask(staff, type="full_sync", incremental=False)


def test_of_two_syncs_there_is_one_and_the_other_is_pointed_to_it(staff: Client) -> None:
    make_tab()
    first = ask(staff, type="full_sync")
    make_tab()
    second = ask(staff, type="full_sync")
    assert (second.status_code, second.json()["code"]) == (409, "JOB_RUNNING")
    assert second.json()["details"] == {"jobId": first.json()["jobId"]}


def test_a_channel_scan_reads_one_channel_once(staff: Client) -> None:
    tab = make_tab()
    make_tab()
    answer = ask(staff, type="channel_scan", targetId=str(tab.channel_id), incremental=False)
    assert targets(answer) == {f"tab:{tab.pk}"}
    again = ask(staff, type="channel_scan", targetId=str(tab.channel_id))
    assert (again.status_code, again.json()["details"]["jobId"]) == (409, answer.json()["jobId"])


def test_what_is_due_is_read_and_then_nothing_is(staff: Client) -> None:
    due = make_tab()
    make_tab(next_check_at=timezone.now() + LATER)
    answer = ask(staff, type="scheduler_incremental")
    assert targets(answer) == {f"tab:{due.pk}"}
    assert ask(staff, type="scheduler_incremental").json()["details"]["jobId"] == answer.json()["jobId"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"type": "channel_scan", "targetId": "00000000-0000-0000-0000-000000000000"}, 404, "NOT_FOUND"),
        ({"type": "channel_scan"}, 422, "UNFIT"),
        ({"type": "full_sync", "targetId": "00000000-0000-0000-0000-000000000000"}, 422, "UNFIT"),
        ({"type": "scheduler_incremental", "incremental": False}, 422, "UNFIT"),
        ({"type": "scheduler_incremental"}, 422, "NOTHING_TO_DO"),
        ({"type": "full_sync"}, 422, "NOTHING_TO_DO"),
        ({"type": "nothing"}, 400, "BAD_REQUEST"),
        ({}, 400, "BAD_REQUEST"),
        ({"type": "channel_scan", "targetId": 5}, 400, "BAD_REQUEST"),
        ({"type": "channel_scan", "targetId": "x"}, 400, "BAD_REQUEST"),
        ({"type": "full_sync", "incremental": "yes"}, 400, "BAD_REQUEST"),
    ],
)
def test_what_cannot_be_started_is_refused_in_words(body: Any, status: int, code: str, staff: Client) -> None:
    answer = ask(staff, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["error"].endswith(".")
    assert not Job.objects.exists()
