"""What all streams of a web process share: the subscription, and a feed for each job that somebody follows."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from nisam.jobs.live.pages import Pages
from nisam.jobs.live.reader import State, in_thread, read_newest_active, read_snapshot, read_state
from nisam.jobs.live.subscription import Subscription
from nisam.jobs.live.topics import topic_of
from nisam.jobs.live.watch import Watch

# How often rows are looked at although nothing was told of them, and when Redis cannot tell.
SECONDS_BETWEEN_LOOKS = 15.0
SECONDS_WITHOUT_REDIS = 1.0


class Feed(Watch[State | None]):
    """A job's row, kept up to date, and its log."""

    def __init__(self, job_id: uuid.UUID, hub: "Hub") -> None:
        super().__init__(self._look, hub.seconds_between_looks)
        self._job_id = job_id
        self._seen: int | None = None
        self._pages = Pages(job_id)
        self._shown: tuple[State | None, bytes] = (None, b"")
        self._showing = asyncio.Lock()

    def _look(self) -> State | None:
        state = read_state(self._job_id, self._seen)
        self._seen = state.last_sequence if state else None
        return state

    async def after(self, sequence: int, state: State) -> Sequence[bytes]:
        """Some of the entries that follow `sequence`, at least one of those that the state counts."""
        lacking = state.last_sequence - sequence
        if lacking <= len(state.tail):
            return state.tail[-lacking:]
        return await self._pages.after(sequence, state.last_sequence)

    async def snapshot(self, state: State) -> bytes:
        """The event that shows a state, made once for all who want it at the same time."""
        async with self._showing:
            if self._shown[0] is not state:
                self._shown = state, await in_thread(partial(read_snapshot, state.job))
            return self._shown[1]


class Hub:
    """The feeds of the jobs that are followed, by their topics."""

    def __init__(self) -> None:
        self._feeds: dict[str, Feed] = {}
        self._subscription = Subscription(self._heard)
        self._active: Watch[uuid.UUID | None] = Watch(read_newest_active, self.seconds_between_looks)

    @asynccontextmanager
    async def follow(self, job_id: uuid.UUID) -> AsyncIterator[Feed]:
        """A job's feed, kept up to date while this is open; the last who leaves frees it."""
        self._subscription.start()
        topic = topic_of(job_id)
        feed = self._feeds.setdefault(topic, Feed(job_id, self))
        try:
            async with feed.watching():
                yield feed
        finally:
            if not feed.is_watched:
                self._feeds.pop(topic, None)

    @asynccontextmanager
    async def active(self) -> AsyncIterator[Watch[uuid.UUID | None]]:
        """Which job is worked on now, kept up to date while this is open."""
        self._subscription.start()
        async with self._active.watching():
            yield self._active

    def seconds_between_looks(self) -> float:
        """How long a look at the rows is good when nothing is told."""
        return SECONDS_BETWEEN_LOOKS if self._subscription.is_certain else SECONDS_WITHOUT_REDIS

    def _heard(self, topic: str | None) -> None:
        for name, feed in self._feeds.items():
            if topic in {None, name}:
                feed.stir()
        self._active.stir()


hub = Hub()
