"""Web processes as in production: the Procfile's own line."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.database import CannotRunError

ROOT = Path(__file__).resolve().parent.parent
NISAM, HELLO = "nisam.asgi:application", "benchmarks.hello:application"
START_SECONDS = 30


@dataclass(frozen=True)
class Served:
    """A web process: its port, and its number."""

    port: int
    pid: int


@contextmanager
def serving(application: str, variables: Mapping[str, str]) -> Iterator[int]:
    """Serve an ASGI application with one process, with that environment beside ours; gives its port."""
    with served(application, variables) as process:
        yield process.port


@contextmanager
def served(application: str, variables: Mapping[str, str]) -> Iterator[Served]:
    """The same; gives the process."""
    port = _free_port()
    environment = {
        **os.environ,
        **variables,
        "PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "UVICORN_LOG_LEVEL": "warning",
    }
    command = _web_line().replace(NISAM, application)
    process = subprocess.Popen(f"exec {command}", shell=True, cwd=ROOT, env=environment, start_new_session=True)
    try:
        _wait(port, process, application)
        yield Served(port, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _web_line() -> str:
    found = re.search(r"^web: (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    if not found or NISAM not in found[1]:
        raise CannotRunError(f"The Procfile has no line `web:` that serves {NISAM}.")
    return found[1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: "subprocess.Popen[bytes]", application: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise CannotRunError(f"{application} does not start; its output is above.")
