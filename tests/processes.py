"""Real processes for the tests: they use the test database and the test broker."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from django.conf import settings
from django.db import connection

from nisam.supervisor.valkey import EmbeddedValkey
from tests.backend import RECORDINGS

ROOT = Path(__file__).resolve().parent.parent


def until(truth: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait until something is true; fails the test when it does not become so in time.

    `seconds` is given where a test is about how long something takes. Else it is for what never comes: a process that
    starts needs seconds of a processor, which a machine that does other things gives it by and by.
    """
    deadline = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < deadline, f"not true after {seconds} s"
        time.sleep(0.05)


def process_environment(**variables: str) -> dict[str, str]:
    """What a process of the suite needs to use the same services."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        database = f"sqlite:///{config['NAME']}"
    else:
        database = f"postgresql://{config['USER']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "PYTHONPATH": str(ROOT / "tests" / "replay_site"),
        "REPLAY_HOME": str(RECORDINGS),
        "NISAM_JOB_LEASE_SECONDS": "2",
        **variables,
    }


@dataclass
class Worker:
    """A running Celery worker and its children."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        """kill -9 of the whole worker, children and all."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_child(self, pid: int) -> None:
        """kill -9 of one child."""
        os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def start_web(port: int | None = None, **variables: str) -> Iterator[str]:
    """The address of a web process on the test database; killed at the end, whatever it is doing."""
    port = port or free_port()
    command = [sys.executable, "-m", "uvicorn", "nisam.asgi:application", "--port", str(port), "--lifespan", "off"]
    command += ["--timeout-graceful-shutdown", "2"]  # a browser may still listen to a stream
    process = subprocess.Popen(
        [*command, "--no-access-log"], cwd=ROOT, env=process_environment(**variables), stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return requests.get(f"{address}/health", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    try:
        until(lambda: answers() or process.poll() is not None)
        assert process.poll() is None, f"the web process has ended with {process.returncode}"
        yield address
    finally:
        process.kill()
        process.wait()


@contextmanager
def start_redis(server: EmbeddedValkey) -> Iterator[None]:
    """A server of a test's own, that it can stop and start again."""
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
    try:
        until(server.answers)
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def start_worker(
    folder: Path, *, concurrency: int = 2, queues: str = "scrape,details,databases,default", **variables: str
) -> Iterator[Worker]:
    """A Celery worker on all queues; killed at the end if it still runs."""
    log = folder / f"worker-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "celery", "-A", "nisam", "worker", "--loglevel", "INFO", "-c", str(concurrency),
               "-Q", queues, "--without-gossip", "--without-mingle",
               "-n", f"w{time.monotonic_ns()}@test"]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=process_environment(NISAM_LOG_LEVEL="INFO", **variables),
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: " ready." in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield Worker(process, log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def start_beat(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A Beat on the test database; killed at the end if it still runs."""
    log = folder / f"beat-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "celery", "-A", "nisam", "beat", "--pidfile", "", "--max-interval", "1"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=process_environment(NISAM_LOG_LEVEL="INFO"), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        until(lambda: "beat: Starting" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
