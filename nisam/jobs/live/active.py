"""The stream of whatever job is worked on now. It waits while there is none, and ends with the job that it followed."""

import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from nisam.jobs.live.frames import HEARTBEAT, frame
from nisam.jobs.live.hub import hub
from nisam.jobs.live.last_id import LastId
from nisam.jobs.live.reader import in_thread, read_state
from nisam.jobs.live.stream import HEARTBEAT_SECONDS, LONGEST_SECONDS, Stream


async def active_parts(last_id: LastId) -> AsyncGenerator[bytes]:
    """The bytes: a snapshot that is null while no job is active, then a job's stream whose ids name the job."""
    job_id = await _unfinished(last_id)
    async with hub.active() as watch:
        if job_id is None and (job_id := await watch.fresh()) is None:
            yield frame("job_snapshot", None)
        sent_at = time.monotonic()
        end = sent_at + LONGEST_SECONDS
        while job_id is None and time.monotonic() < end:
            job_id = await watch.newer(None, HEARTBEAT_SECONDS)
            if job_id is None and sent_at + HEARTBEAT_SECONDS <= time.monotonic():
                sent_at = time.monotonic()
                yield HEARTBEAT
    if job_id is None:
        return
    async with aclosing(Stream(job_id, last_id, names_job=True).parts()) as parts:
        async for part in parts:
            yield part


async def _unfinished(last_id: LastId) -> uuid.UUID | None:
    """The job that a client followed before its connection broke, when it has not seen the end of it."""
    if last_id.job_id is None:
        return None
    state = await in_thread(partial(read_state, last_id.job_id))
    is_seen = state is None or (state.is_finished and last_id.sequence >= state.last_sequence)
    return None if is_seen else last_id.job_id
