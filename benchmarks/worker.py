"""python -m benchmarks.worker VIDEOS: a process that works off the items it is told, as a worker's child does.

It says `ready`, reads one line of item ids from standard input, runs them against generated channels of VIDEOS
videos, and answers with one line of JSON (see `Report`).
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import django

from benchmarks.instance import GeneratedInstance
from tests.generated import GeneratedLibrary, Reply, installed
from tests.replay_site.replayed_requests import answered

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Report:
    """Seconds from the first claim to the last end, seconds of processor, resident bytes at each page's request."""

    seconds: float
    processor_seconds: float
    resident: list[int]


class Worker:
    """The parent's side of one such process."""

    def __init__(self, videos: int) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", str(videos)]
        self._process: subprocess.Popen[str] = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._expect("ready")

    def start(self, items: Sequence[str]) -> None:
        """Let it begin."""
        assert self._process.stdin
        self._process.stdin.write(" ".join(items) + "\n")
        self._process.stdin.flush()

    def report(self) -> Report:
        """Wait for its end."""
        return Report(**json.loads(self._expect("{")))

    def close(self) -> None:
        """End it, wherever it is."""
        self._process.kill()
        self._process.communicate()

    def _expect(self, beginning: str) -> str:
        assert self._process.stdout
        line = str(self._process.stdout.readline())
        if not line.startswith(beginning):
            raise RuntimeError(f"A benchmark's worker ended: {self._process.wait()}")
        return line


@contextmanager
def workers(number: int, *, videos: int) -> Iterator[list[Worker]]:
    """Processes that wait for their items, ended with the block."""
    started: list[Worker] = []
    try:
        for _ in range(number):
            started.append(Worker(videos))  # noqa: PERF401 - those that did start are ended when the next does not
        yield started
    finally:
        for worker in started:
            worker.close()


def resident_bytes() -> int:
    """What this process holds in memory now; where nobody tells, the most it ever held."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


class _WatchedLibrary(GeneratedLibrary):
    """Notes what the process holds in memory whenever a page is asked for."""

    def __init__(self, scenarios: Path, videos: int) -> None:
        super().__init__(scenarios, videos)
        self.resident: list[int] = []

    def find(self, method: str, url: str, body: bytes | None = None, ignore_host: bool = False) -> Reply | None:
        self.resident.append(resident_bytes())
        return super().find(method, url, body, ignore_host)


def main(videos: int) -> None:
    """Work off the items of one line."""
    django.setup()
    from benchmarks.setting import scenarios  # noqa: PLC0415 - needs Django
    from nisam.celery import keep_what_is_loaded  # noqa: PLC0415
    from nisam.jobs.models import Status  # noqa: PLC0415
    from nisam.jobs.runner import run_item  # noqa: PLC0415

    instance = GeneratedInstance(scenarios(), videos)
    with installed(_WatchedLibrary(scenarios(), videos)) as library, answered(instance.find):
        keep_what_is_loaded()
        print("ready", flush=True)
        items = sys.stdin.readline().split()
        began, processor_began = time.perf_counter(), time.process_time()
        for item in items:
            status = run_item(item, worker=f"benchmark-{os.getpid()}")
            assert status == Status.COMPLETED, status
        seconds, processor = time.perf_counter() - began, time.process_time() - processor_began
    print(json.dumps(asdict(Report(seconds, processor, library.resident))), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
