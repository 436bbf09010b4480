"""The main job, end to end, on recorded input."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from nisam.jobs.models import Job, JobEvent
from tests.processes import ROOT, process_environment
from videos.models import Video

KURZGESAGT = "youtube-kurzgesagt-videos-2026-01"


@pytest.mark.django_db(transaction=True)
def test_an_address_becomes_videos_in_the_database_and_the_api(recordings: Path, client: Client) -> None:
    environment = process_environment(REPLAY_DIRS=str(recordings / KURZGESAGT))
    command = [
        sys.executable,
        "manage.py",
        "scrape_channel",
        "https://www.youtube.com/@kurzgesagt",
        "--wait",
        "--json",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["videosAdded"] == Video.objects.count() == 60
    shown = client.get("/api/videos", {"limit": "100"}).json()
    assert [video["title"] for video in shown][:1] == ["We Made A New Channel!"]
    assert len(shown) == 60


@pytest.mark.django_db(transaction=True)
def test_a_worker_scrapes_what_was_enqueued(worker: Callable[..., Any], recordings: Path) -> None:
    from channels.follow import follow, scan  # noqa: PLC0415
    from tests.processes import until  # noqa: PLC0415

    worker(KURZGESAGT)
    job = scan([follow("@kurzgesagt")], requested_by="test").job
    until(lambda: Job.objects.get(pk=job.pk).status == "completed")
    assert Video.objects.count() == 60
    sequences = list(JobEvent.objects.filter(job=job).order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, len(sequences) + 1))
