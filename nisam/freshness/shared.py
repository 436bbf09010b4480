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

_GET_OR_CLAIM = """
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if stored then return {stored, 0} end
return {false, redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2]) and 1 or 0}
"""
_PUT = """
if redis.call('HLEN', KEYS[1]) < tonumber(ARGV[3]) or redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  for place = 3, #KEYS do redis.call('SADD', KEYS[place], KEYS[1]) end
end
redis.call('DEL', KEYS[2])
"""


class CacheAwayError(Exception):
    """Redis does not answer, or is given a rest after that."""


class Shared:
    """Redis behind a breaker. What asks it raises CacheAwayError when it is away."""

    def __init__(self) -> None:
        self._scripts: _Scripts | None = None
        self._failed = not settings.REDIS_URL
        self._try_at = 0.0
        self._heard_at = 0.0

    @property
    def is_away(self) -> bool:
        """Whether it failed when it was last asked."""
        return self._failed

    async def get_or_claim(self, key: Key) -> tuple[Answer | None, bool]:
        """A stored answer, or else whether it is on the caller to build it, because nobody else does."""
        keys = [key.name, _building(key)]
        arguments: list[str | int] = [key.digest, BUILDING_SECONDS * 1000]
        packed, mine = await self._ask(lambda scripts: scripts.get_or_claim(keys, arguments))
        return (Answer.unpack(packed), False) if packed else (None, bool(mine))

    async def put(self, key: Key, answer: Answer) -> None:
        """Store an answer, unless very many of the same versions are stored already, and end the claim on it."""
        keys = [key.name, _building(key), *(INDEX.format(group) for group in key.groups)]
        arguments: list[str | bytes | int] = [key.digest, answer.pack(), settings.CACHE_ANSWERS, KEPT_SECONDS]
        await self._ask(lambda scripts: scripts.put(keys, arguments))

    async def give_back(self, key: Key) -> None:
        """End a claim without an answer: another may try."""
        await self._ask(lambda scripts: scripts.redis.delete(_building(key)))

    def check(self) -> None:
        """Ask in the background whether it is there, once a second at most: answers from memory do not ask it."""
        now = time.monotonic()
        if settings.REDIS_URL and now - self._heard_at > REST_SECONDS:
            self._heard_at = now
            self._checking = asyncio.create_task(self._check())

    async def _check(self) -> None:
        with suppress(CacheAwayError):
            await self._ask(lambda scripts: scripts.redis.ping())

    async def _ask(self, command: Callable[["_Scripts"], Awaitable[Any]]) -> Any:
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

    def _connected(self) -> "_Scripts":
        # Made late, because its connections belong to the event loop that runs then.
        if self._scripts is None:
            self._scripts = _Scripts()
        return self._scripts


class _Scripts:
    """A client of Redis, and what it does in one step."""

    def __init__(self) -> None:
        self.redis: Any = Redis.from_url(
            settings.REDIS_URL,
            retry=Retry(NoBackoff(), 1),
            socket_timeout=SECONDS_TO_ANSWER,
            socket_connect_timeout=SECONDS_TO_ANSWER,
        )
        self.get_or_claim = self.redis.register_script(_GET_OR_CLAIM)
        self.put = self.redis.register_script(_PUT)


def _building(key: Key) -> str:
    return f"nisam:building:{key.digest}"
