"""Starting and joining jobs."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, JobItem, Status
from nisam.jobs.registry import UnknownJobTypeError
from nisam.jobs.start import NotFinishedError, NothingToDoError, Target, retry, start
from tests.builders import make_job

pytestmark = pytest.mark.django_db(transaction=True)
TABS = [Target("tab:b", "b"), Target("tab:a", "a"), Target("tab:c", "c")]


def test_fifty_concurrent_requests_for_one_channel_make_one_job_and_point_to_it() -> None:
    barrier = threading.Barrier(50)

    def request(number: int) -> tuple[str, bool]:
        barrier.wait()
        try:
            started = start("channel_scan", TABS, requested_by=f"user {number}", wake_workers=False)
            return str(started.job.pk), started.created
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(request, range(50)))
    assert sum(created for _, created in answers) == 1
    assert {job_id for job_id, _ in answers} == {str(Job.objects.get().pk)}
    assert JobItem.objects.active().count() == 3


def test_a_job_that_overlaps_another_leaves_the_common_targets_to_it() -> None:
    make_job("tab:a")
    started = start("channel_scan", TABS, requested_by="test", wake_workers=False)
    assert [item.target for item in started.job.items.order_by("position")] == ["tab:b", "tab:c"]
    assert "1 left to the jobs" in started.job.events.get().message


def test_a_target_is_free_again_when_its_item_has_ended() -> None:
    item = claim(make_job("tab:a").items.get().pk, worker="w")
    assert item
    finish(item, Status.COMPLETED)
    assert start("channel_scan", TABS[1:2], requested_by="test", wake_workers=False).created


def test_a_job_without_targets_is_refused() -> None:
    with pytest.raises(NothingToDoError):
        start("channel_scan", [], requested_by="test")


def test_a_job_of_an_unknown_type_is_refused_and_leaves_nothing() -> None:
    with pytest.raises(UnknownJobTypeError, match="channel_scan"):
        start("chanel_scan", TABS, requested_by="test")
    assert not Job.objects.exists()


def failed_job() -> Job:
    job = make_job("tab:a", "tab:b")
    for number, item in enumerate(job.items.order_by("position")):
        held = claim(item.pk, worker="w")
        assert held
        finish(held, Status.FAILED if number else Status.COMPLETED, message="no luck" if number else "")
    return job


def test_a_retry_is_a_new_job_of_the_failed_items() -> None:
    job = failed_job()
    job.refresh_from_db()
    again = retry(job, requested_by="test").job
    assert (again.retry_of, again.attempt) == (job, 2)
    assert [item.target for item in again.items.all()] == ["tab:b"]


def test_a_retry_with_nothing_failed_is_refused_in_words() -> None:
    item = claim(make_job().items.get().pk, worker="w")
    assert item
    finish(item, Status.COMPLETED)
    with pytest.raises(NothingToDoError, match="Nothing failed"):
        retry(Job.objects.get(), requested_by="test")


def test_a_retry_does_not_become_a_job_that_does_something_else() -> None:
    job = failed_job()
    job.refresh_from_db()
    start(job.type, [Target("tab:b", "b")], requested_by="test", options={"full": True})
    with pytest.raises(NotFinishedError, match="does something else there"):
        retry(job, requested_by="test")


def test_a_running_job_cannot_be_retried() -> None:
    with pytest.raises(NotFinishedError):
        retry(make_job(), requested_by="test")
