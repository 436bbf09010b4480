"""Real workers and Beats leave signs of life, and two Beats at once do no harm."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from nisam import schedule
from nisam.jobs.models import Job, JobItem
from nisam.presence.look import look
from nisam.presence.models import GONE_AFTER
from scraping.models import Schedule
from tests.builders import make_tab
from tests.processes import Worker, start_beat, start_worker, until

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def worker(broker: "redis.Redis", tmp_path: Path) -> Iterator[Worker]:
    """A worker that takes ticks and no scraping."""
    with start_worker(tmp_path, queues="default") as running:
        yield running


@pytest.fixture
def each_second(transactional_db: None) -> None:
    """Beat hands out what is due each second."""
    PeriodicTask.objects.all().delete()
    schedule.install()
    second, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    PeriodicTask.objects.filter(task="scraping.dispatch_due").update(interval=second)


def test_two_beats_at_once_start_nothing_twice_and_both_are_seen(
    each_second: None, worker: Worker, tmp_path: Path
) -> None:
    began = timezone.now()
    with start_beat(tmp_path) as one, start_beat(tmp_path) as other:
        until(lambda: len(look(timezone.now()).beats) == 2)
        tabs = [make_tab() for _ in range(20)]
        until(lambda: JobItem.objects.count() >= 20)
        ran = Schedule.load().dispatched_at
        until(lambda: (Schedule.load().dispatched_at or began) >= (ran or began) + 2 * SECOND)  # and again, for nothing
        one.send_signal(signal.SIGTERM)
        one.wait(timeout=10)
        other.kill()
    assert sorted(JobItem.objects.values_list("target", flat=True)) == sorted(f"tab:{tab.pk}" for tab in tabs)
    assert Job.objects.filter(type="scheduler_incremental").count() == Job.objects.count()
    # The one that stopped is gone at once, the one that was killed when it is missed.
    seen = look(timezone.now())
    assert (len(seen.beats), seen.idle_queues) == (1, ["scrape", "details", "databases"])
    assert look(timezone.now() + GONE_AFTER).problems[0].startswith("Beat was last heard of on ")


def test_a_worker_is_seen_until_it_stops(worker: Worker) -> None:
    until(lambda: look(timezone.now()).workers)
    (row,) = look(timezone.now()).workers
    assert (row.queues, row.children) == (["default"], 2)
    assert row.name.endswith(f":{worker.process.pid}")
    worker.process.send_signal(signal.SIGTERM)
    worker.process.wait(timeout=20)
    assert not look(timezone.now()).workers
