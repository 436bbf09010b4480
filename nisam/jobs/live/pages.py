"""A job's log as frames, a page at a time, read once for all who want it: 500 clients replay it at the cost of one."""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from nisam.jobs.live.reader import in_thread, read_frames

# Entries of a page; one page at most is in flight to a client, so a slow one takes no more memory.
PAGE = 100
# Pages that stay in memory; what is older is read again for whoever still wants it.
KEPT = 32


class Pages:
    """The pages of one job's log that are in memory."""

    def __init__(self, job_id: uuid.UUID) -> None:
        self._job_id = job_id
        self._pages: OrderedDict[int, _Page] = OrderedDict()

    async def after(self, sequence: int, last: int) -> Sequence[bytes]:
        """Some of the entries that follow `sequence`, up to `last` at most, and at least one of them."""
        number = sequence // PAGE
        if number not in self._pages:
            self._pages[number] = _Page(self._job_id, number * PAGE)
        self._pages.move_to_end(number)
        if len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        return await self._pages[number].between(sequence, min(last, (number + 1) * PAGE))


class _Page:
    def __init__(self, job_id: uuid.UUID, first: int) -> None:
        self._job_id = job_id
        self._first = first
        self._frames: list[bytes] = []
        self._reading = asyncio.Lock()

    async def between(self, after: int, until: int) -> Sequence[bytes]:
        """The entries `after` < sequence ≤ `until`, which are rows by now."""
        while (reached := self._first + len(self._frames)) < until:
            async with self._reading:
                if reached == self._first + len(self._frames):  # else somebody else read meanwhile
                    self._frames += await in_thread(partial(read_frames, self._job_id, reached, until))
        return self._frames[after - self._first : until - self._first]
