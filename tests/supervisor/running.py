"""A running `manage.py run` with a data directory and a port of its own."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.processes import ROOT, until

# Supervisor, guard, Valkey, worker and its two children, beat, web.
PROCESSES = 8


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """That of somebody who has set nothing but the data directory. Empty is unset, also where a .env file sets more."""
    return {**os.environ, "DATABASE_URL": "", "REDIS_URL": "", "NISAM_DATA_DIR": str(folder), **variables}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def run(folder: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py …` to its end."""
    return subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment(folder, **variables),
                          capture_output=True, text=True, check=False, timeout=30)  # fmt: skip


@dataclass
class Running:
    """A supervisor and what belongs to it."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    port: int
    log: Path

    @property
    def site(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it has written."""
        return self.log.read_text()

    @property
    def password(self) -> str | None:
        """The first administrator's password, if it was shown."""
        found = re.search(r"password: (\S+)", self.output)
        return found and found[1]

    def answers(self) -> bool:
        """Whether the site is there."""
        try:
            return requests.get(f"{self.site}/api/videos", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def pids(self, *words: str) -> list[int]:
        """Every process with this data directory in its environment, and `words` in its command."""
        return [
            int(entry.name)
            for entry in Path("/proc").glob("[0-9]*")
            if f"NISAM_DATA_DIR={self.folder}\0" in _text(entry / "environ")
            and all(word in _text(entry / "cmdline") for word in words)
        ]

    def stop(self, number: int) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@contextmanager
def supervisor(folder: Path, *arguments: str, **variables: str) -> Iterator[Running]:
    """Start one, wait until everything is up, kill it at the end."""
    port = free_port()
    log = folder.with_name(f"{folder.name}-{port}.log")
    command = [sys.executable, "manage.py", "run", "--port", str(port), "--concurrency", "2", *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(folder, **variables),
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
    running = Running(process, folder, port, log)
    processes = PROCESSES - ("REDIS_URL" in variables)
    try:
        until(lambda: (running.answers() and len(running.pids()) == processes) or process.poll() is not None)
        assert process.poll() is None, running.output
        yield running
    finally:
        process.kill()
        process.wait()


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has ended meanwhile
        return ""
