"""Ending items and jobs."""

import pytest

from nisam.jobs.cancel import AlreadyFinishedError, request_cancel
from nisam.jobs.claim import claim, release
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, Status
from nisam.jobs.run import CancelledRun, Run
from scraping.errors import RateLimitedError
from tests.builders import make_job

pytestmark = pytest.mark.django_db(transaction=True)


def end(job: Job, *outcomes: Status) -> Job:
    for item, outcome in zip(job.items.order_by("position"), outcomes, strict=True):
        held = claim(item.pk, worker="w")
        assert held
        finish(held, outcome, message="no luck" if outcome == Status.FAILED else "")
    job.refresh_from_db()
    return job


def test_a_job_whose_items_all_failed_has_failed_with_their_words() -> None:
    job = end(make_job("tab:a", "tab:b"), Status.FAILED, Status.FAILED)
    assert (job.status, job.error_message, job.failed_items) == (Status.FAILED, "no luck", 2)


def test_a_job_of_which_one_item_failed_is_completed_and_says_so() -> None:
    job = end(make_job("tab:a", "tab:b"), Status.COMPLETED, Status.FAILED)
    assert (job.status, job.error_message) == (Status.COMPLETED, "1 of 2 targets failed.")


def test_the_last_event_of_a_job_is_that_it_is_done() -> None:
    job = end(make_job("tab:a", "tab:b"), Status.COMPLETED, Status.COMPLETED)
    assert job.events.order_by("sequence").last().name == "job_done"  # type: ignore[union-attr]
    assert job.completed_at is not None
    assert job.progress == 100


def test_cancelling_a_waiting_job_ends_it_at_once() -> None:
    job = request_cancel(make_job("tab:a", "tab:b"), requested_by="test")
    assert (job.status, job.cancelled_items) == (Status.CANCELLED, 2)


def test_cancelling_a_running_job_stops_it_at_its_next_step_and_keeps_what_was_counted() -> None:
    job = make_job("tab:a", "tab:b")
    first = job.items.order_by("position").first()
    assert first
    held = claim(first.pk, worker="w")
    assert held
    run = Run(held)
    with run.step() as step:
        step.found = 3
    request_cancel(job, requested_by="test")
    run.interruption = CancelledRun
    with pytest.raises(CancelledRun), run.step() as step:
        step.found = 2
    finish(held, Status.CANCELLED)
    job.refresh_from_db()
    assert (job.status, job.found, job.cancelled_items) == (Status.CANCELLED, 5, 2)


def test_asking_twice_for_a_cancel_is_no_error() -> None:
    job = make_job()
    claim(job.items.get().pk, worker="w")
    request_cancel(job, requested_by="test")
    assert request_cancel(job, requested_by="test").events.filter(message__startswith="cancel asked").count() == 1


def test_a_finished_job_cannot_be_cancelled() -> None:
    job = end(make_job(), Status.COMPLETED)
    with pytest.raises(AlreadyFinishedError, match="already completed"):
        request_cancel(job, requested_by="test")


def test_items_that_end_at_the_same_time_are_each_counted_once() -> None:
    import threading  # noqa: PLC0415
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    from django.db import connection  # noqa: PLC0415

    job = make_job(*[f"tab:{number}" for number in range(16)])
    held = [claim(item.pk, worker="w") for item in job.items.all()]
    barrier = threading.Barrier(16)

    def finish_together(number: int) -> None:
        item = held[number]
        assert item
        barrier.wait()
        try:
            finish(item, Status.COMPLETED)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(finish_together, range(16)))
    job.refresh_from_db()
    assert (job.status, job.succeeded_items) == (Status.COMPLETED, 16)
    sequences = list(job.events.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, job.last_sequence + 1))
    assert job.events.filter(name="job_done").count() == 1


def test_an_item_that_waits_for_its_host_ends_with_a_cancel_that_came_before() -> None:
    job = make_job("tab:a")
    item = claim(job.items.get().pk, worker="w")
    assert item
    request_cancel(job, requested_by="test")
    release(item, RateLimitedError("slow"))  # it had not looked yet
    assert request_cancel(job, requested_by="again").status == Status.CANCELLED
    assert (job.cancelled_items, job.total_items) == (1, 1)
