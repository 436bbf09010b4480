"""Finding an answer that this process does not remember: in Redis, or by letting Django build it, once for all."""

import asyncio
from collections.abc import Mapping
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
        self._storing: set[asyncio.Task[None]] = set()

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
            stored, mine = await self._shared.get(key), False
            while stored is None and not mine:
                stored, mine = await self._shared.get_or_claim(key)
                if stored is None and not mine:
                    await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        except CacheAwayError:
            return Found(await self._build(key, scope), BYPASS)
        if stored is None:
            return Found(await self._build(key, scope), MISS)
        self._memory.put(key.digest, stored)
        return Found(stored, HIT)

    async def _build(self, key: Key, scope: Scope) -> Answer:
        answer = None
        try:
            answer = await self._django.ask(scope)
            if answer.is_public:
                self._memory.put(key.digest, answer)
        finally:
            storing = asyncio.create_task(self._store(key, answer))
            self._storing.add(storing)
            storing.add_done_callback(self._storing.discard)
        return answer

    async def _store(self, key: Key, answer: Answer | None) -> None:
        """After the answer went out: its compressed forms, and what other processes need."""
        with suppress(CacheAwayError):
            try:
                if answer is not None and answer.is_public:
                    if len(answer.bodies[IDENTITY]) >= WORTH_COMPRESSING:
                        answer = await asyncio.to_thread(answer.compressed)
                        self._memory.put(key.digest, answer)
                    await self._shared.put(key, answer)
            finally:
                await self._shared.give_back(key)
