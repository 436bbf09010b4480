"""Reading rows for all streams of a web process, in two threads: no stream has a connection of its own."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection

from nisam.jobs.live.frames import frame
from nisam.jobs.live.storage import JobEventStorage
from nisam.jobs.live.topics import topic_of
from nisam.jobs.models import FINISHED, Job
from nisam.jobs.serializers import JobSerializer
from nisam.lib.errors import DATABASE_AWAY

Read = TypeVar("Read")
SECONDS_BETWEEN_TRIES = 1.0
LONGEST_TAIL = 200
_logger = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(2, thread_name_prefix="streams")


@dataclass(frozen=True)
class State:
    """A job's row at a moment: its counters count the entries up to `last_sequence` and no others.

    `tail` are the last of these entries, those that came since the look before.
    """

    job: Job
    columns: Mapping[str, Any]
    tail: Sequence[bytes] = ()

    @property
    def last_sequence(self) -> int:
        """The number of the last entry."""
        return self.job.last_sequence

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is to come."""
        return self.job.status in FINISHED

    def differs(self, other: "State | None") -> bool:
        """Whether there is news in it."""
        return other is None or self.columns != other.columns


async def in_thread(read: Callable[[], Read]) -> Read:
    """What `read` finds in the database; while that does not answer it is asked again each second."""
    while True:
        try:
            return await asyncio.get_running_loop().run_in_executor(_threads, _closing, read)
        except DATABASE_AWAY as error:
            _logger.warning("The streams wait for the database: %s", error)
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)


def _closing(read: Callable[[], Read]) -> Read:
    try:
        return read()
    finally:
        connection.close()  # back to the pool: between two reads the streams hold none


def read_state(job_id: uuid.UUID, seen: int | None = None) -> State | None:
    """A job as it is, with the entries after `seen` unless they are many; None when it is gone."""
    columns = Job.objects.filter(pk=job_id).values().first()
    if columns is None:
        return None
    job = Job(**columns)
    if seen is None or not seen < job.last_sequence <= seen + LONGEST_TAIL:
        return State(job, columns)
    return State(job, columns, read_frames(job_id, seen, job.last_sequence))


def read_snapshot(job: Job) -> bytes:
    """The event that shows a job."""
    return frame("job_snapshot", JobSerializer(job).data)


def read_frames(job_id: uuid.UUID, after: int, until: int) -> list[bytes]:
    """The entries `after` < sequence ≤ `until` as frames, empty ones in the place of rows that somebody deleted."""
    events = JobEventStorage().get_events(topic_of(job_id), after, limit=until - after)
    frames = {event.id: frame(event.type, event.data, event.id) for event in events}
    return [frames.get(sequence, b"") for sequence in range(after + 1, until + 1)]


def read_newest_active() -> uuid.UUID | None:
    """The job that is worked on now."""
    job = Job.objects.newest_active()
    return job.pk if job else None
