"""The main job survives what happens to workers, broker and database. Everything here is a real process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import current_app
from django.db import connection, connections

from channels.follow import scan
from channels.models import Channel
from nisam.jobs.broker import WORK
from nisam.jobs.cancel import request_cancel
from nisam.jobs.models import Job, JobEvent, JobItem, Status
from nisam.jobs.reaper import reap
from tests.builders import make_recorded_channel
from tests.processes import ROOT, Worker, process_environment, until
from videos.models import Video

KURZGESAGT = "youtube-kurzgesagt-videos-2026-01"
CHANNEL_ID = "UCsXVk37bltHxD1rDPwtNM8Q"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def channel() -> Channel:
    return make_recorded_channel(CHANNEL_ID, "videos")


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """While this file exists, the second page of a list is not answered."""
    path = tmp_path / "hold"
    path.touch()
    return path


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "requests"
    path.touch()
    return path


@pytest.fixture
def held_worker(worker: Callable[..., Worker], hold: Path, requests: Path) -> Callable[[], Worker]:
    return lambda: worker(KURZGESAGT, REPLAY_HOLD=str(hold), REPLAY_LOG=str(requests))


def asked_for_page_two(requests: Path) -> bool:
    return "youtubei/v1/browse" in requests.read_text()


def in_the_middle(requests: Path) -> None:
    """Wait until page 1 is committed and page 2 was asked for."""
    until(lambda: asked_for_page_two(requests))
    assert Video.objects.count() == 30


def ended(job: Job) -> Callable[[], bool]:
    def look() -> bool:
        reap()  # what Beat does each few seconds
        return Job.objects.active().filter(pk=job.pk).exists() is False

    return look


def assert_complete(job: Job) -> None:
    """Nothing lost, nothing twice, no gap in the log."""
    job.refresh_from_db()
    assert (job.status, job.found, job.added, job.updated) == (Status.COMPLETED, 60, 60, 0)
    assert Video.objects.count() == 60
    events = list(JobEvent.objects.filter(job=job).order_by("sequence"))
    assert [event.sequence for event in events] == list(range(1, job.last_sequence + 1))
    saved = [event.data["videoId"] for event in events if event.name == "video_saved"]
    assert len(saved) == len(set(saved)) == 60


def test_a_killed_child_loses_nothing_and_only_what_is_left_is_asked_for(
    channel: Channel, held_worker: Callable[[], Worker], hold: Path, requests: Path
) -> None:
    worker = held_worker()
    job = scan([channel], requested_by="test").job
    in_the_middle(requests)
    worker.kill_child(int(requests.read_text().split()[0]))
    hold.unlink()
    until(ended(job))
    assert_complete(job)
    assert requests.read_text().count("/videos\n") == 1, "page 1 was asked for again"


def test_a_killed_worker_loses_nothing(
    channel: Channel, held_worker: Callable[[], Worker], hold: Path, requests: Path
) -> None:
    worker = held_worker()
    job = scan([channel], requested_by="test").job
    in_the_middle(requests)
    worker.kill()
    hold.unlink()
    held_worker()
    until(ended(job))
    assert_complete(job)
    assert JobItem.objects.get().losses == 1


def test_a_worker_that_is_stopped_hands_its_work_over(
    channel: Channel, held_worker: Callable[[], Worker], hold: Path, requests: Path
) -> None:
    worker = held_worker()
    job = scan([channel], requested_by="test").job
    in_the_middle(requests)
    worker.process.send_signal(signal.SIGTERM)
    worker.process.wait(timeout=10)
    assert JobItem.objects.get().status == Status.PENDING
    hold.unlink()
    held_worker()
    until(ended(job))
    assert_complete(job)
    assert JobItem.objects.get().losses == 0


def test_a_flushed_broker_loses_no_work(channel: Channel, worker: Callable[..., Worker], broker: "redis.Redis") -> None:
    job = scan([channel], requested_by="test").job
    broker.flushdb()
    JobItem.objects.update(woken_at="2026-01-01T00:00:00Z")
    worker(KURZGESAGT)
    until(ended(job))
    assert_complete(job)


def test_a_message_that_is_delivered_twice_runs_once(channel: Channel, worker: Callable[..., Worker]) -> None:
    job = scan([channel], requested_by="test").job
    for _ in range(5):
        current_app.send_task(WORK, args=[str(job.items.get().pk)], queue="scrape")
    worker(KURZGESAGT)
    until(ended(job))
    assert_complete(job)
    assert JobItem.objects.get().attempt == 1


def test_an_item_that_always_kills_its_worker_is_lost_and_the_rest_completes(worker: Callable[..., Worker]) -> None:
    channel = make_recorded_channel(CHANNEL_ID, "videos", "shorts")
    worker(KURZGESAGT, REPLAY_KILL="/shorts")
    job = scan([channel], requested_by="test").job
    until(ended(job), seconds=40)
    job.refresh_from_db()
    assert (job.status, job.succeeded_items, job.failed_items) == (Status.COMPLETED, 1, 1)
    lost = JobItem.objects.get(status=Status.FAILED)
    assert (lost.error_code, lost.attempt) == ("lost", 3)
    assert Video.objects.count() == 60


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no server that could restart")
def test_a_database_that_goes_away_and_comes_back_loses_nothing(
    channel: Channel, held_worker: Callable[[], Worker], hold: Path, requests: Path
) -> None:
    held_worker()
    job = scan([channel], requested_by="test").job
    in_the_middle(requests)
    name = connection.settings_dict["NAME"]
    connections.close_all()
    with connections["default"]._nodb_cursor() as outside:
        outside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        outside.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        hold.unlink()
        outside.execute("SELECT pg_sleep(3)")
        outside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    until(ended(job))
    assert_complete(job)


def test_cancel_stops_a_list_within_two_seconds_and_keeps_what_was_committed(
    channel: Channel, held_worker: Callable[[], Worker], requests: Path
) -> None:
    held_worker()
    job = scan([channel], requested_by="test").job
    in_the_middle(requests)
    request_cancel(job, requested_by="test")
    until(lambda: Job.objects.get().status == Status.CANCELLED, seconds=2)
    assert (Video.objects.count(), Job.objects.get().added) == (30, 30)


def test_ctrl_c_in_the_command_cancels_its_job_and_keeps_what_was_committed(
    recordings: Path, channel: Channel, hold: Path, requests: Path
) -> None:
    environment = process_environment(
        REPLAY_DIRS=str(recordings / KURZGESAGT), REPLAY_HOLD=str(hold), REPLAY_LOG=str(requests)
    )
    command = [sys.executable, "manage.py", "scrape_channel", channel.slug, "--wait"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        in_the_middle(requests)
        os.kill(process.pid, signal.SIGINT)
        _, words = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "what was read so far is kept" in words
    assert (Job.objects.get().status, Video.objects.count()) == (Status.CANCELLED, 30)


def test_a_stalled_attempt_is_stopped_and_tried_again(
    channel: Channel, worker: Callable[..., Any], hold: Path, requests: Path
) -> None:
    worker(KURZGESAGT, REPLAY_HOLD=str(hold), REPLAY_LOG=str(requests), NISAM_JOB_STALL_SECONDS="5")
    job = scan([channel], requested_by="test").job
    in_the_middle(requests)
    until(lambda: JobItem.objects.get().error_code == "timeout", seconds=10)
    hold.unlink()
    JobItem.objects.update(available_at=Job.objects.get().created_at)
    until(ended(job))
    assert_complete(job)
