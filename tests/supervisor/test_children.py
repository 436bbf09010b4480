"""The supervisor's parts with small programs in the place of nisam's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nisam.supervisor.console import LONGEST_LINE, Lines
from nisam.supervisor.processes import Child
from tests.processes import ROOT, until

SUPERVISE = """
import os, sys
from nisam.supervisor.console import Console
from nisam.supervisor.processes import Child
from nisam.supervisor.supervise import Supervisor

supervisor = Supervisor(Console(lambda line: print(line, flush=True), colour=False))
with supervisor.running():
    supervisor.start(Child("web", ["sh", "-c", sys.argv[1]], os.environ, stop_seconds=1))
    supervisor.watch()
"""


def supervise(script: str) -> "subprocess.Popen[str]":
    """A supervisor with one shell script for a child."""
    return subprocess.Popen([sys.executable, "-c", SUPERVISE, script], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_killed_supervisor_takes_its_childrens_children_with_it(tmp_path: Path) -> None:
    with supervise(f"sleep 300 & echo $! > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; wait") as process:
        until((tmp_path / "pid").exists)
        grandchild = int((tmp_path / "pid").read_text())
        process.kill()
    until(lambda: not _lives(grandchild), seconds=3)


def test_a_child_that_does_not_stop_is_killed_after_its_time() -> None:
    with supervise("trap '' TERM; echo ready; while :; do sleep 0.1; done") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert "nisam  | Killing web: it did not stop within 1 s.\n" in process.stdout.readlines()


def test_a_child_that_keeps_dying_is_started_less_and_less_often() -> None:
    child = Child("web", ["true"], os.environ, stop_seconds=1)
    child.start()
    assert [child.plan_restart() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    child._started_at -= 60
    assert child.plan_restart() == 1
    child.kill()
    child.bury()


def test_what_a_child_writes_is_shown_with_its_name_line_by_line() -> None:
    with supervise("echo one; printf 'two\\000\\377 end'") as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == [
            "web    | one\n",
            "web    | two\\x00\\xff end\n",
            "nisam  | web ended with exit code 0; starting it again in 1 s.\n",
        ]
        process.terminate()


def test_a_supervisor_whose_reader_has_gone_stops() -> None:
    with supervise("while echo again; do sleep 0.1; done") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.wait(timeout=10)


@pytest.mark.parametrize("data", [b"x" * 100_000, b"\n" * 10, bytes(range(256)) * 200])
def test_no_output_is_too_long_or_too_odd_for_a_line(data: bytes) -> None:
    lines = Lines()
    cut = [line for start in range(0, len(data), 1000) for line in lines.feed(data[start : start + 1000])]
    assert len(cut + lines.flush()) >= len(data) / LONGEST_LINE
    assert all(line.replace("\t", "").isprintable() for line in cut)


def _lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
