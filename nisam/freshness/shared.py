"""The answers that all web processes share, in Redis, and who of them builds one that is not there."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from nisam.freshness.answers import Answer
from nisam.freshness.keys import Key
from nisam.freshness.purge import INDEX

SECONDS_TO_ANSWER = 0.25
# After a failure Redis is left alone for so long; then one request tries.
REST_SECONDS = 1.0
KEPT_SECONDS = 3600
# Whoever builds and has not finished by then is believed dead.
BUILDING_SECONDS = 10


class CacheAwayError(Exception):
    """Redis does not answer, or is given a rest after that."""


class Shared:
    """Redis behind a breaker. What asks it raises CacheAwayError when it is away."""

    def __init__(self) -> None:
        self._client: Any = None
        self._failed = not settings.REDIS_URL
        self._try_at = 0.0
        self._heard_at = 0.0

    @property
    def is_away(self) -> bool:
        """Whether it failed when it was last asked."""
        return self._failed

    async def get(self, key: Key) -> Answer | None:
        """A stored answer."""
        packed = await self._ask(lambda redis: redis.hget(key.name, key.digest))
        return Answer.unpack(packed) if packed else None

    async def get_or_claim(self, key: Key) -> tuple[Answer | None, bool]:
        """A stored answer, or else whether it is on the caller to build it, because nobody else does."""

        def both(redis: Any) -> Awaitable[Any]:
            pipeline = redis.pipeline(transaction=False)
            pipeline.set(_building(key), b"1", nx=True, px=BUILDING_SECONDS * 1000)
            # Asked after the claim: what another process stored before it gave its claim back is seen.
            return pipeline.hget(key.name, key.digest).execute()  # type: ignore[no-any-return]

        mine, packed = await self._ask(both)
        if packed and mine:
            await self.give_back(key)
        return (Answer.unpack(packed), False) if packed else (None, bool(mine))

    async def put(self, key: Key, answer: Answer) -> None:
        """Store an answer, unless very many of the same versions are stored already."""
        if await self._ask(lambda redis: redis.hlen(key.name)) >= settings.CACHE_ANSWERS:
            return

        def store(redis: Any) -> Awaitable[Any]:
            pipeline = redis.pipeline(transaction=False)
            pipeline.hset(key.name, key.digest, answer.pack())
            pipeline.expire(key.name, KEPT_SECONDS)
            for group in key.groups:
                pipeline.sadd(INDEX.format(group), key.name)
            return pipeline.execute()  # type: ignore[no-any-return]

        await self._ask(store)

    async def give_back(self, key: Key) -> None:
        """End a claim: the answer is stored, or another may try."""
        await self._ask(lambda redis: redis.delete(_building(key)))

    def check(self) -> None:
        """Ask in the background whether it is there, once a second at most: answers from memory do not ask it."""
        now = time.monotonic()
        if settings.REDIS_URL and now - self._heard_at > REST_SECONDS:
            self._heard_at = now
            self._checking = asyncio.create_task(self._check())

    async def _check(self) -> None:
        with suppress(CacheAwayError):
            await self._ask(lambda redis: redis.ping())

    async def _ask(self, command: Callable[[Any], Awaitable[Any]]) -> Any:
        if self._failed:
            if not settings.REDIS_URL or time.monotonic() < self._try_at:
                raise CacheAwayError
            self._try_at = time.monotonic() + REST_SECONDS  # the others do not try at the same time
        try:
            answer = await command(self._connected())
        except (RedisError, OSError) as error:
            self._failed, self._try_at = True, time.monotonic() + REST_SECONDS
            raise CacheAwayError from error
        self._failed, self._heard_at = False, time.monotonic()
        return answer

    def _connected(self) -> Any:
        # Made late, because its connections belong to the event loop that runs then.
        if self._client is None:
            self._client = Redis.from_url(
                settings.REDIS_URL,
                retry=Retry(NoBackoff(), 1),
                socket_timeout=SECONDS_TO_ANSWER,
                socket_connect_timeout=SECONDS_TO_ANSWER,
            )
        return self._client


def _building(key: Key) -> str:
    return f"nisam:building:{key.digest}"
