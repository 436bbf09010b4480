"""Finding an answer that this process does not remember: in Redis, or by letting Django build it, once for all."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from nisam.freshness.answers import IDENTITY, WORTH_COMPRESSING, Answer, Memory
from nisam.freshness.django import Django
from nisam.freshness.keys import Key
from nisam.freshness.shared import CacheAwayError, Shared

Scope = Mapping[str, Any]

HIT, MISS, BYPASS = b"HIT", b"MISS", b"BYPASS"
SECONDS_BETWEEN_LOOKS = 0.01
# Packing an answer for Redis takes as long as a query, and the event loop would do it before it sends the answer.
SECONDS_TO_SEND = 0.001


@dataclass(frozen=True)
class Found:
    """An answer and where it comes from."""

    answer: Answer
    state: bytes


class Builder:
    """Builds each answer once, whatever the number of requests and of web processes that wait for it."""

    def __init__(self, memory: Memory, shared: Shared) -> None:
        self._django = Django()
        self._memory = memory
        self._shared = shared
        self._flights: dict[str, asyncio.Task[Found]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._compressing: set[str] = set()

    async def find(self, key: Key, scope: Scope) -> Found:
        """The answer to a request, MISS for the one that lets it be built, HIT for those that wait for it."""
        flight = self._flights.get(key.digest)
        if flight is not None:
            found = await asyncio.shield(flight)
            if found.answer.is_public:
                return replace(found, state=HIT) if found.state == MISS else found
            return Found(await self._django.ask(scope), MISS)  # it may be another for somebody else
        # A task of its own: it goes on when the one who asked first hangs up.
        flight = asyncio.create_task(self._find(key, scope))
        self._flights[key.digest] = flight
        flight.add_done_callback(lambda _: self._flights.pop(key.digest))
        return await asyncio.shield(flight)

    async def _find(self, key: Key, scope: Scope) -> Found:
        try:
            stored, mine = await self._shared.get_or_claim(key)
            while stored is None and not mine:
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
                stored, mine = await self._shared.get_or_claim(key)
        except CacheAwayError:
            return Found(await self._build(key, scope), BYPASS)
        if stored is None:
            return Found(await self._build(key, scope), MISS)
        self._memory.put(key.digest, stored)
        return Found(stored, HIT)

    async def _build(self, key: Key, scope: Scope) -> Answer:
        try:
            answer = await self._django.ask(scope)
        except BaseException:
            self._later(self._shared.give_back(key))
            raise
        if answer.is_public:
            self._memory.put(key.digest, answer)
        self._later(self._shared.put(key, answer) if answer.is_public else self._shared.give_back(key))
        return answer

    def compress(self, key: Key, answer: Answer) -> None:
        """Make the compressed forms of an answer in the background, when somebody has asked for one."""
        if key.digest not in self._compressing and len(answer.bodies[IDENTITY]) >= WORTH_COMPRESSING:
            self._compressing.add(key.digest)
            self._later(self._compress(key, answer))

    async def _compress(self, key: Key, answer: Answer) -> None:
        try:
            forms = await asyncio.to_thread(answer.compressed)
            self._memory.put(key.digest, forms)
            await self._shared.put(key, forms)
        finally:
            self._compressing.discard(key.digest)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after the answer went out; what Redis does not do is done by nobody."""

        async def do() -> None:
            await asyncio.sleep(SECONDS_TO_SEND)
            with suppress(CacheAwayError):
                await work

        task = asyncio.create_task(do())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
