"""The history of jobs, one job, its items, over REST."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from nisam.jobs.cancel import request_cancel
from nisam.jobs.claim import claim, release
from nisam.jobs.filters import JobFilter
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, JobItem, Status
from nisam.jobs.start import Target, start
from nisam.lib.errors import OperationError
from tests.builders import make_job

pytestmark = pytest.mark.django_db
JOBS = "/api/automation/jobs"
NOWHERE = f"{JOBS}/00000000-0000-0000-0000-000000000000"


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def listed(client: Client, **params: Any) -> list[str]:
    answer = client.get(JOBS, params)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.json()["total"] >= len(answer.json()["jobs"])
    return [job["id"] for job in answer.json()["jobs"]]


def run(job: Job, status: Status = Status.COMPLETED) -> None:
    """Let all items of a job end so."""
    for pk in job.items.values_list("pk", flat=True):
        item = claim(pk, worker="test")
        assert item
        finish(item, status, code="timeout" if status == Status.FAILED else "", message="It took too long.")


def test_jobs_are_listed_newest_first_with_the_number_of_all(staff: Client) -> None:
    first, second, third = (make_job() for _ in range(3))
    assert listed(staff) == [str(third.pk), str(second.pk), str(first.pk)]
    assert listed(staff, limit=1, offset=1) == [str(second.pk)]
    assert staff.get(JOBS, {"limit": 1}).json()["total"] == 3


def test_jobs_are_chosen_by_status_type_day_and_words(staff: Client) -> None:
    done, waiting = make_job("tab:one"), make_job("tab:two", type_name="scheduler_incremental")
    run(done)
    Job.objects.filter(pk=done.pk).update(created_at=timezone.now() - timedelta(days=2))
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    assert listed(staff, status="completed") == [str(done.pk)]
    assert listed(staff, type="scheduler_incremental") == [str(waiting.pk)]
    assert listed(staff, dateFrom=yesterday) == [str(waiting.pk)]
    assert listed(staff, dateTo=yesterday) == [str(done.pk)]
    assert listed(staff, search="OF TAB:ONE") == [str(done.pk)]
    assert len(listed(staff, search="test")) == 2
    assert listed(staff, search="100%") == []


def test_the_number_of_statements_does_not_grow_with_the_jobs(
    staff: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(10):
        job = make_job()
        if number % 2:
            claim(job.items.get().pk, worker="test")
    # Session and user, the jobs, the pace of those that run, the number of all.
    with django_assert_num_queries(5):
        staff.get(JOBS)


@pytest.mark.parametrize(
    ("params", "index"),
    [({}, "job_history"), ({"status": "failed"}, "job_by_status"), ({"type": "full_sync"}, "job_by_type")],
)
def test_each_way_of_choosing_has_its_index(params: dict[str, str], index: str) -> None:
    Job.objects.bulk_create(
        Job(
            type=f"type {number % 40}",
            status=Status.FAILED if number % 100 == 0 else Status.COMPLETED,
            requested_by="x",
        )
        for number in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    jobs = JobFilter(params, Job.objects.all()).qs.order_by("-created_at", "-id")[:24]
    assert index in jobs.explain()


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ({"status": "done"}, "status"),
        ({"dateFrom": "yesterday"}, "dateFrom"),
        ({"dateTo": "2026-02-30"}, "dateTo"),
        ({"type": "x" * 41}, "type"),
        ({"search": "\x00"}, "search"),
        ({"limit": "0"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_a_bad_parameter_is_named_with_what_it_takes(params: dict[str, str], parameter: str, staff: Client) -> None:
    answer = staff.get(JOBS, params)
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, parameter)


def test_the_active_job_is_one_that_runs_else_one_that_waits_else_null(staff: Client) -> None:
    assert staff.get(f"{JOBS}/active").json() is None
    first, second = make_job(), make_job()
    assert staff.get(f"{JOBS}/active").json()["id"] == str(second.pk)
    claim(first.items.get().pk, worker="test")
    assert staff.get(f"{JOBS}/active").json()["id"] == str(first.pk)


def test_a_channel_counts_once_however_many_lists_it_has(staff: Client) -> None:
    one, other = uuid4(), uuid4()
    targets = [Target(f"tab:{n}", f"{n}", channel, "c") for n, channel in enumerate((one, one, other))]
    job = start("channel_scan", [*targets, Target("tab:x", "of none")], requested_by="test", wake_workers=False).job
    items = list(job.items.order_by("position"))

    def counted() -> tuple[int, int]:
        shown = staff.get(f"{JOBS}/{job.pk}").json()
        return shown["processedChannels"], shown["totalChannels"]

    assert counted() == (0, 2)
    for item, done in zip(items[:2], (0, 1), strict=True):
        claimed = claim(item.pk, worker="test")
        assert claimed
        finish(claimed, Status.COMPLETED)
        assert counted() == (done, 2)
    request_cancel(job, requested_by="test")
    assert counted() == (2, 2)
    assert staff.get(f"{JOBS}/{job.pk}").json()["skippedItems"] == 2


def test_a_running_job_is_as_fast_as_it_was_in_the_last_two_minutes(staff: Client, clock: Callable[..., Any]) -> None:
    time = clock("2026-01-26T18:00:00Z")
    channel = uuid4()
    job = start("channel_scan", [Target("tab:a", "a", channel), Target("tab:b", "b")], requested_by="t").job
    first, second = job.items.order_by("position")
    claimed = claim(first.pk, worker="test")
    assert claimed
    time.shift(240)
    JobItem.objects.filter(pk=first.pk).update(found=400)
    finish(claimed, Status.COMPLETED)
    claim(second.pk, worker="test")
    shown = staff.get(f"{JOBS}/{job.pk}").json()
    # Half of its four minutes lie in the last two, so half of its videos.
    assert (shown["videosPerMinute"], shown["channelsPerMinute"]) == (100.0, 0.5)
    time.shift(60)
    assert staff.get(f"{JOBS}/{job.pk}").json()["videosPerMinute"] == 50.0


def test_what_an_item_found_before_it_was_begun_again_is_not_taken_for_speed(
    staff: Client, clock: Callable[..., Any]
) -> None:
    time = clock("2026-01-26T18:00:00Z")
    job = make_job()
    first = claim(job.items.get().pk, worker="test")
    assert first
    JobItem.objects.filter(pk=first.pk).update(found=900)
    release(first, OperationError("busy", retry_after=timedelta(minutes=30)))
    time.shift(3600)
    assert claim(first.pk, worker="test")
    assert staff.get(f"{JOBS}/{job.pk}").json()["videosPerMinute"] == 15.0


def test_a_job_that_has_ended_is_as_fast_as_it_was_on_average(staff: Client) -> None:
    job, began = make_job(), timezone.now()
    run(job)
    ended = began + timedelta(minutes=4)
    Job.objects.filter(pk=job.pk).update(started_at=began, completed_at=ended, found=60, processed_channels=2)
    shown = staff.get(f"{JOBS}/{job.pk}").json()
    assert (shown["videosPerMinute"], shown["channelsPerMinute"]) == (15.0, 0.5)


def test_a_jobs_items_are_listed_in_order_and_by_status(staff: Client) -> None:
    job = make_job("tab:a", "tab:b", "tab:c")
    item = claim(job.items.get(target="tab:b").pk, worker="test")
    assert item
    finish(item, Status.FAILED, code="timeout", message="It took too long.")
    path = f"{JOBS}/{job.pk}/items"
    assert [row["target"] for row in staff.get(path).json()] == ["tab:a", "tab:b", "tab:c"]
    failed = staff.get(path, {"status": "failed"}).json()
    assert [(row["target"], row["errorCode"]) for row in failed] == [("tab:b", "timeout")]
    page = staff.get(path, {"limit": 2})
    assert 'rel="next"' in page.headers["Link"]
    assert staff.get(path, {"status": "done"}).json()["details"]["parameter"] == "status"


def test_a_job_that_has_ended_is_deleted_with_its_log_and_one_that_runs_is_not(staff: Client) -> None:
    job = make_job()
    refused = staff.delete(f"{JOBS}/{job.pk}")
    assert (refused.status_code, refused.json()["code"]) == (409, "JOB_RUNNING")
    run(job)
    assert staff.delete(f"{JOBS}/{job.pk}").status_code == 204
    assert not Job.objects.exists()
    assert staff.delete(f"{JOBS}/{job.pk}").status_code == 404


def test_a_job_with_a_retry_is_deleted_and_the_retry_stays(staff: Client) -> None:
    job = make_job()
    run(job, Status.FAILED)
    retried = staff.post(f"{JOBS}/{job.pk}/retry").json()
    assert staff.delete(f"{JOBS}/{job.pk}").status_code == 204
    assert Job.objects.get().pk.hex == retried["id"].replace("-", "")


def test_what_has_ended_cannot_be_cancelled_and_what_went_well_not_be_retried(staff: Client) -> None:
    job = make_job()
    running = staff.post(f"{JOBS}/{job.pk}/retry")
    assert (running.status_code, running.json()["code"]) == (409, "JOB_RUNNING")
    run(job)
    for verb, code in (("cancel", "JOB_FINISHED"), ("retry", "NOTHING_TO_DO")):
        answer = staff.post(f"{JOBS}/{job.pk}/{verb}")
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert len(answer.json()["error"]) > 30


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("delete", ""), ("get", "/items"), ("get", "/logs"), ("post", "/cancel"), ("post", "/retry")],
)
def test_a_job_that_is_not_there_is_a_404(method: str, path: str, staff: Client) -> None:
    answer = getattr(staff, method)(f"{NOWHERE}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", JOBS), ("get", f"{JOBS}/active"), ("get", NOWHERE), ("delete", NOWHERE), ("get", f"{NOWHERE}/items"),
        ("get", f"{NOWHERE}/logs"), ("post", f"{NOWHERE}/cancel"), ("post", f"{NOWHERE}/retry"),
        ("post", f"{JOBS}/start"), ("get", "/api/scheduler"), ("patch", "/api/scheduler"),
        ("post", "/api/scheduler/start"), ("post", "/api/scheduler/stop"), ("post", "/api/scheduler/run-now"),
    ],
)  # fmt: skip
def test_jobs_are_for_staff_alone(method: str, path: str, client: Client, django_user_model: type[User]) -> None:
    assert getattr(client, method)(path, content_type="application/json").status_code == 401
    client.force_login(django_user_model.objects.create_user("visitor"))
    answer = getattr(client, method)(path, content_type="application/json")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "private, no-store")
