"""The one subscription of a web process: it hears which topics have changed, and says when it may have missed one."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, NoReturn

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from nisam.jobs.live.announce import REST_SECONDS
from nisam.jobs.live.topics import REDIS_CHANNEL

# After so long without a message the line is tried.
SILENCE_SECONDS = 5.0
SECONDS_TO_ANSWER = 2.0
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5.0
# So long after Redis came back a worker may still give it a rest and tell nothing.
DOUBT_SECONDS = REST_SECONDS + 1.0
_logger = logging.getLogger(__name__)


class Subscription:
    """Listens for ever, and connects again whenever that ends. `heard` is called with each topic, None for all."""

    def __init__(self, heard: Callable[[str | None], None]) -> None:
        self._heard = heard
        self._connected_at: float | None = None
        self._task: asyncio.Task[NoReturn] | None = None

    @property
    def is_certain(self) -> bool:
        """Whether what is told arrives here."""
        return self._connected_at is not None and time.monotonic() > self._connected_at + DOUBT_SECONDS

    def start(self) -> None:
        """Begin to listen, unless it does; in the event loop that runs now."""
        if settings.REDIS_URL and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> NoReturn:
        pause = SHORTEST_PAUSE_SECONDS
        while True:
            try:
                await self._connected()
            except (RedisError, OSError) as error:
                if self._connected_at is not None:
                    pause = SHORTEST_PAUSE_SECONDS
                if pause == SHORTEST_PAUSE_SECONDS:  # said once is enough
                    _logger.warning("The streams look at the rows each second, Redis is away: %r", error)
            finally:
                self._connected_at = None
                self._heard(None)  # who waits for a message must not wait any longer
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _connected(self) -> NoReturn:
        # Without a retry, which would connect again in silence: what was told meanwhile would be missed. And without
        # the client's own timeout, which is asyncio.wait_for: on Python 3.11 it can swallow a cancel for good.
        client = Redis.from_url(settings.REDIS_URL, socket_timeout=None, retry=Retry(NoBackoff(), 0))
        async with client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
            async with asyncio.timeout(SECONDS_TO_ANSWER):
                await pubsub.subscribe(REDIS_CHANNEL)
            self._connected_at = time.monotonic()
            self._heard(None)
            while True:
                await self._next(pubsub)

    async def _next(self, pubsub: Any) -> None:
        message = await pubsub.get_message(timeout=SILENCE_SECONDS)
        if message is None:
            async with asyncio.timeout(SECONDS_TO_ANSWER):
                await pubsub.ping()
                message = await pubsub.get_message(timeout=None)
        if message["type"] == "message":
            self._heard(message["data"].decode(errors="replace"))
