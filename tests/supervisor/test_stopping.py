"""However it ends, nothing is left."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.processes import until
from tests.supervisor.running import supervisor


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_order(tmp_path: Path, number: int) -> None:
    with supervisor(tmp_path / "data") as running:
        assert running.stop(number) == 0
        assert running.pids() == []
        assert re.findall(r"Stopping (\w+)", running.output) == ["web", "beat", "worker", "valkey"]
        assert re.findall("Killing .*", running.output) == []
        assert not (running.folder / "redis.url").exists()


def test_a_second_ctrl_c_kills_at_once(tmp_path: Path) -> None:
    with supervisor(tmp_path / "data") as running:
        os.kill(running.pids("uvicorn")[0], signal.SIGSTOP)  # it will not stop when asked
        running.process.send_signal(signal.SIGINT)
        until(lambda: "Stopping web" in running.output)
        began = time.monotonic()
        assert running.stop(signal.SIGINT) == 0
        assert time.monotonic() - began < 2
        assert running.pids() == []


def test_a_killed_supervisor_leaves_nothing_and_is_no_obstacle_to_the_next(tmp_path: Path) -> None:
    with supervisor(tmp_path / "data") as killed:
        stale = (killed.folder / "redis.url").read_text()
        killed.stop(signal.SIGKILL)
        until(lambda: killed.pids() == [], seconds=3)
    with supervisor(tmp_path / "data") as next_one:
        assert (next_one.folder / "redis.url").read_text() != stale
