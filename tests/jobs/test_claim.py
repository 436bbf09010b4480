"""Claiming, leases and the fence."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from nisam.jobs.claim import LeaseLostError, claim, release, renew
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, JobEvent, JobItem, Status
from nisam.jobs.reaper import reap
from nisam.jobs.run import Run
from nisam.lib.errors import OperationError
from tests.builders import make_channel, make_entry, make_job
from videos.ingest import ingest
from videos.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


def claimed(job: Job) -> JobItem:
    item = claim(job.items.get().pk, worker="w1")
    assert item
    return item


def test_of_two_workers_that_claim_one_item_one_gets_it() -> None:
    item_id = make_job().items.get().pk
    barrier = threading.Barrier(8)

    def race(name: int) -> JobItem | None:
        barrier.wait()
        try:
            return claim(item_id, worker=f"w{name}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        winners = [item for item in pool.map(race, range(8)) if item]
    assert len(winners) == 1
    assert JobItem.objects.get().attempt == 1


def test_a_second_delivery_of_a_message_claims_nothing() -> None:
    item = claimed(make_job())
    assert claim(item.pk, worker="w2") is None


def test_an_item_whose_time_is_not_come_is_not_claimed() -> None:
    item = make_job().items.get()
    JobItem.objects.update(available_at=timezone.now() + timedelta(minutes=1))
    assert claim(item.pk, worker="w1") is None


def test_a_claim_starts_the_job_and_logs_it() -> None:
    job = make_job()
    claimed(job)
    job.refresh_from_db()
    assert (job.status, job.current_name) == (Status.RUNNING, job.items.get().target_name)
    assert job.events.get(name="channel_start").item_id == job.items.get().pk


def test_a_renewed_lease_ends_later(clock: Callable[[str], Any]) -> None:
    time = clock("2026-01-26T18:00:00Z")
    item = claimed(make_job())
    time.shift(30)
    renew(item)
    assert JobItem.objects.get().lease_expires_at == timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def test_a_worker_whose_lease_was_lost_writes_nothing(clock: Callable[[str], Any]) -> None:
    time = clock("2026-01-26T18:00:00Z")
    run = Run(claimed(make_job()))
    time.shift(settings.JOB_LEASE_SECONDS + 1)
    reap()
    assert claim(run.item.pk, worker="w2")
    before = list(JobEvent.objects.values_list("sequence", flat=True))
    channel = make_channel()
    with pytest.raises(LeaseLostError), run.step() as step:  # noqa: PT012 - it is the end of the block that raises
        ingest(channel, [make_entry()])
        step.found = step.added = 1
        step.log("video_saved", "must not be kept")
    assert Video.objects.count() == 0
    assert Job.objects.get().found == JobItem.objects.get().found == 0
    assert list(JobEvent.objects.values_list("sequence", flat=True)) == before


@pytest.mark.parametrize(
    "write",
    [renew, lambda item: finish(item, Status.COMPLETED), lambda item: release(item, OperationError("later"))],
    ids=["renew", "finish", "release"],
)
def test_a_fenced_off_worker_changes_no_row(write: Callable[[JobItem], None], clock: Callable[[str], Any]) -> None:
    time = clock("2026-01-26T18:00:00Z")
    old = claimed(make_job())
    time.shift(settings.JOB_LEASE_SECONDS + 1)
    reap()
    assert claim(old.pk, worker="w2")
    rows = (list(Job.objects.values()), list(JobItem.objects.values()), list(JobEvent.objects.values()))
    with pytest.raises(LeaseLostError):
        write(old)
    assert (list(Job.objects.values()), list(JobItem.objects.values()), list(JobEvent.objects.values())) == rows


def test_a_passing_error_gives_the_item_back_for_later(clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    item = claimed(make_job())
    release(item, OperationError("broken connection", retry_after=timedelta(seconds=5)))
    item.refresh_from_db()
    assert (item.status, item.available_at) == (Status.PENDING, timezone.now() + timedelta(seconds=5))
    assert item.error_message == "broken connection"
