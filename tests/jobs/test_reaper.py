"""The reaper and the pruning."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from nisam.jobs.broker import queue_length
from nisam.jobs.cancel import request_cancel
from nisam.jobs.claim import claim, hand_over
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, JobItem, Status
from nisam.jobs.prune import prune
from nisam.jobs.reaper import reap
from tests.builders import make_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
START = "2026-01-26T18:00:00Z"


def lose(time: Any, item: JobItem) -> None:
    assert claim(item.pk, worker="w")
    time.shift(settings.JOB_LEASE_SECONDS + 1)
    reap()


def test_an_item_whose_worker_died_is_handed_out_again(clock: Callable[[str], Any]) -> None:
    time = clock(START)
    item = make_job().items.get()
    lose(time, item)
    item.refresh_from_db()
    assert (item.status, item.losses) == (Status.PENDING, 1)
    assert claim(item.pk, worker="w2")


def test_an_item_that_is_renewed_is_left_alone(clock: Callable[[str], Any]) -> None:
    time = clock(START)
    held = claim(make_job().items.get().pk, worker="w")
    time.shift(settings.JOB_LEASE_SECONDS - 1)
    assert held
    assert reap().handed_out == 0
    assert JobItem.objects.get().status == Status.RUNNING


def test_an_item_that_kills_its_worker_three_times_is_lost_and_the_rest_goes_on(clock: Callable[[str], Any]) -> None:
    time = clock(START)
    job = make_job("tab:a", "tab:b")
    deadly, harmless = job.items.order_by("position")
    for _ in range(3):
        lose(time, deadly)
    held = claim(harmless.pk, worker="w")
    assert held
    finish(held, Status.COMPLETED)
    job.refresh_from_db()
    deadly.refresh_from_db()
    assert (deadly.status, deadly.error_code) == (Status.FAILED, "lost")
    assert (job.status, job.failed_items, job.succeeded_items) == (Status.COMPLETED, 1, 1)


def test_a_stopping_worker_hands_over_without_counting_a_loss() -> None:
    item = make_job().items.get()
    claim(item.pk, worker="w1")
    assert hand_over("w1") == 1
    item.refresh_from_db()
    assert (item.status, item.losses) == (Status.PENDING, 0)


def test_what_ignores_a_cancel_is_fenced_off_after_its_grace(clock: Callable[[str], Any]) -> None:
    time = clock(START)
    job = make_job()
    claim(job.items.get().pk, worker="w")
    request_cancel(job, requested_by="test")
    time.shift(settings.JOB_CANCEL_GRACE_SECONDS + 1)
    assert reap().terminated == 1
    assert Job.objects.get().status == Status.CANCELLED


def test_work_that_the_broker_forgot_is_sent_again(clock: Callable[[str], Any], broker: "redis.Redis") -> None:
    time = clock(START)
    make_job()
    reap()
    assert queue_length("scrape") == 1
    broker.flushdb()
    time.shift(31)
    assert reap().woken == 1
    assert queue_length("scrape") == 1


def test_work_that_waits_in_its_queue_is_not_sent_twice(clock: Callable[[str], Any]) -> None:
    time = clock(START)
    make_job()
    reap()
    time.shift(600)
    assert reap().woken == 0
    assert queue_length("scrape") == 1


def test_in_a_queue_that_is_never_empty_a_lost_message_is_sent_again_after_an_hour(clock: Callable[[str], Any]) -> None:
    time = clock(START)
    make_job("tab:a")
    reap()
    time.shift(3601)
    assert reap().woken == 1


def test_old_finished_jobs_are_forgotten_and_running_ones_are_not(clock: Callable[[str], Any]) -> None:
    time = clock(START)
    old, running = make_job("tab:old"), make_job("tab:running")
    held = claim(old.items.get().pk, worker="w")
    assert held
    finish(held, Status.COMPLETED)
    claim(running.items.get().pk, worker="w")
    time.shift((settings.JOB_RETENTION_DAYS + 1) * 86400)
    assert prune() == 1
    assert Job.objects.get() == running
    assert timezone.now() > running.created_at
