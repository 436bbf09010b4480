"""The stream of what a real worker does, which is killed in the middle."""

from collections.abc import Callable
from pathlib import Path

import pytest

from channels.follow import scan
from nisam.jobs.models import Status
from nisam.jobs.reaper import reap
from tests.builders import make_recorded_channel
from tests.jobs.live.listening import all_of, listen, numbers
from tests.processes import Worker, until

KURZGESAGT = "youtube-kurzgesagt-videos-2026-01"
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_killed_worker_leaves_no_gap_in_the_stream(
    web: str, token: str, worker: Callable[..., Worker], tmp_path: Path
) -> None:
    hold = tmp_path / "hold"  # while it exists, the second page of the list is not answered
    hold.touch()
    first = worker(KURZGESAGT, REPLAY_HOLD=str(hold))
    channel = make_recorded_channel("UCsXVk37bltHxD1rDPwtNM8Q", "videos")
    job = scan([channel], requested_by="test").job
    sent = []
    for one in listen(web, token, job):
        sent.append(one)
        if one.name == "video_saved" and hold.exists():
            first.kill()
            hold.unlink()
            worker(KURZGESAGT)
            until(lambda: reap().handed_out)
    job.refresh_from_db()
    assert job.status == Status.COMPLETED
    assert numbers(sent) == all_of(job)
    assert sum(one.name == "video_saved" for one in sent) == 60
    assert [one.data["data"]["code"] for one in sent if "is gone" in str(one.data.get("message"))] == ["lost"]
