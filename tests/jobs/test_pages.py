"""A job's page, and the history of jobs in the admin."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from nisam.jobs.admin import job_link
from nisam.jobs.models import Job, Status
from tests.builders import make_job

pytestmark = pytest.mark.django_db
HISTORY = "/admin/jobs/job/"


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def path_of(job: Job) -> str:
    return f"/admin/automation/jobs/{job.pk}/"


def test_a_jobs_page_says_what_it_works_on_and_where_its_stream_is(
    staff: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    job = make_job("tab:1", "tab:2")
    with django_assert_num_queries(3):  # the session, the user, the job
        page = staff.get(path_of(job))
    assert page.context["title"] == "name of tab:1 and 1 more"
    assert f'data-job="/api/automation/jobs/{job.pk}"' in page.text
    assert "channel_start channel_done" in page.text
    assert "job_done" in page.text


def test_every_way_to_a_job_in_the_admin_leads_to_its_one_page(staff: Client) -> None:
    job = make_job()
    assert path_of(job) in job_link(job, "A job")
    assert path_of(job) in staff.get(HISTORY).text
    assert staff.get(f"{HISTORY}{job.pk}/change/").headers["Location"] == path_of(job)
    assert staff.get("/admin/automation/jobs/?status=failed").headers["Location"] == f"{HISTORY}?status=failed"


def test_an_unknown_job_is_404_and_whoever_may_not_see_jobs_is_sent_away(staff: Client) -> None:
    job = make_job()
    assert staff.get(f"/admin/automation/jobs/{uuid4()}/").status_code == 404
    staff.force_login(User.objects.create_user("clerk", is_staff=True))
    assert staff.get(path_of(job)).status_code == 403
    staff.force_login(User.objects.create_user("visitor"))
    assert staff.get(path_of(job)).status_code == 302


def test_the_history_is_filtered_by_status_and_searched_by_target_with_few_statements(
    staff: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    now = timezone.now()
    failed = make_job("tab:lost")
    make_job("tab:found")
    Job.objects.filter(pk=failed.pk).update(
        status=Status.FAILED, failed_items=1, error_message="It took too long.", started_at=now,
        completed_at=now + timedelta(seconds=75),
    )  # fmt: skip
    page = staff.get(HISTORY, {"status": "failed"})
    assert "It took too long." in page.text
    assert "1 min 15 s" in page.text
    assert "name of tab:found" not in page.text
    assert "name of tab:found" not in staff.get(HISTORY, {"q": "tab:lost"}).text
    for _ in range(5):
        make_job()
    with django_assert_num_queries(8):
        staff.get(HISTORY)
