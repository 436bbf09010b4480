"""The answer that stays open."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from django.http import StreamingHttpResponse

from nisam.jobs.live.frames import RETRY


class EventStream(StreamingHttpResponse):
    """Server-sent events. `parts` are the bytes; who sends them closes it."""

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        self.parts = _after_retry(events)
        super().__init__(self.parts, content_type="text/event-stream; charset=utf-8")
        self.headers["Cache-Control"] = "private, no-store"
        self.headers["X-Accel-Buffering"] = "no"  # nginx passes each event on at once


async def _after_retry(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield RETRY
    async with aclosing(events):
        async for part in events:
            yield part
