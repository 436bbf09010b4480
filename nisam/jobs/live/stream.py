"""One client's stream: the job as it is, what it has not seen of the log, then whatever comes, to the end of the job.

A client is a place in the log, nothing else: what it needs next is read from the rows by that place, so nothing can be
lost on the way, and one that reads slowly only lags behind.
"""

import time
import uuid
from collections.abc import AsyncGenerator

from nisam.jobs.live.frames import HEARTBEAT, with_job
from nisam.jobs.live.hub import Feed, hub
from nisam.jobs.live.last_id import LastId
from nisam.jobs.live.reader import State

HEARTBEAT_SECONDS = 15.0
# The counters are shown anew at most so often.
SECONDS_BETWEEN_SNAPSHOTS = 1.0
# Then the client has to come again and show who it is.
LONGEST_SECONDS = 3600.0


class Stream:
    """What is sent to one client about one job. With `names_job` the ids of the entries say which job it is."""

    def __init__(self, job_id: uuid.UUID, last_id: LastId, *, names_job: bool = False) -> None:
        self._job_id = job_id
        self._place = last_id.within(job_id)
        self._names_job = names_job
        self._shown: State | None = None
        self._shown_at = self._sent_at = 0.0

    async def parts(self) -> AsyncGenerator[bytes]:
        """The bytes of the stream. Ends after the entries of a job that has ended, or when it is gone."""
        end = time.monotonic() + LONGEST_SECONDS
        async with hub.follow(self._job_id) as feed:
            state = await feed.fresh()
            if state and self._place > state.last_sequence:
                self._place = 0  # of another job, or made up
            while state and time.monotonic() < end:
                async for part in self._news(feed, state):
                    self._sent_at = time.monotonic()
                    yield part
                if state.is_finished:
                    return
                state = await feed.newer(state, max(self._patience(state), 0))

    async def _news(self, feed: Feed, state: State) -> AsyncGenerator[bytes]:
        """The counters, then the entries that they count already; a sign of life where there is nothing to tell."""
        if state.differs(self._shown) and (self._patience(state) <= 0 or state.is_finished):
            self._shown, self._shown_at = state, time.monotonic()
            yield await feed.snapshot(state)
        while self._place < state.last_sequence:
            entries = await feed.after(self._place, state)
            yield b"".join(self._named(entry, offset) for offset, entry in enumerate(entries, 1))
            self._place += len(entries)
        if self._sent_at + HEARTBEAT_SECONDS <= time.monotonic():
            yield HEARTBEAT

    def _patience(self, state: State) -> float:
        """Seconds until something is to be sent although nothing new is known."""
        if state.differs(self._shown):
            return self._shown_at + SECONDS_BETWEEN_SNAPSHOTS - time.monotonic()
        return self._sent_at + HEARTBEAT_SECONDS - time.monotonic()

    def _named(self, entry: bytes, offset: int) -> bytes:
        return with_job(entry, self._place + offset, self._job_id) if self._names_job else entry
