"""Clients of a stream, and work to be listened to."""

import json
import re
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from django.db import connection

from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, Status
from nisam.jobs.run import Run


@dataclass(frozen=True)
class Sent:
    """An event as a browser sees it."""

    name: str
    id: str
    data: Any


def listen(site: str, token: str, job: object, last_id: str = "") -> Generator[Sent, None, None]:
    """The events of a job's stream, to its end. Closing the iterator closes the connection."""
    headers = {"Authorization": f"Token {token}", "Accept": "text/event-stream", "Last-Event-ID": last_id}
    with httpx.stream("GET", address(site, job), headers=headers, timeout=30, verify=False) as answer:
        assert answer.status_code == 200, answer.read()
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
            elif "data" in fields:
                yield Sent(fields.get("event", ""), fields.get("id", ""), json.loads(fields["data"]))
                fields = {}


def address(site: str, job: object) -> str:
    """Where the stream of a job is, or of “active”."""
    return f"{site}/api/automation/jobs/{job.pk if isinstance(job, Job) else job}/stream"


def entries(sent: Iterable[Sent]) -> list[Sent]:
    """Without the snapshots."""
    return [one for one in sent if one.name != "job_snapshot"]


def numbers(sent: Iterable[Sent]) -> list[int]:
    """The ids, of which those of the active stream name the job as well."""
    return [int(one.id.partition(":")[0]) for one in entries(sent)]


def all_of(job: Job) -> list[int]:
    """The numbers that a client of a whole job has to see, each once and in this order."""
    job.refresh_from_db()
    return list(range(1, job.last_sequence + 1))


def ids_in(body: bytes) -> list[int]:
    """The ids of a stream as it went over the wire."""
    return [int(number) for number in re.findall(rb"^id: (\d+)$", body, re.MULTILINE)]


def begin(job: Job) -> Run:
    """Claim the only item of a job."""
    item = claim(job.items.get().pk, worker="w")
    assert item
    return Run(item)


def save(run: Run, *, steps: int = 1, videos: int = 1, words: str = "saved") -> None:
    """Steps of so many videos each."""
    for _ in range(steps):
        with run.step() as step:
            step.found = step.done = videos
            for _ in range(videos):
                step.log("video_saved", words)


def end(run: Run) -> None:
    """The item is done, and its job with it."""
    finish(run.item, Status.COMPLETED)


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """`work` in another thread, to its end."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
