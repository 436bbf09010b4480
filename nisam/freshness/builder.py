"""Finding an answer that this process does not remember: in Redis, or by letting Django build it, once for all."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from nisam.freshness.answers import IDENTITY, WORTH_COMPRESSING, Answer, Headers, Memory
from nisam.freshness.keys import Key
from nisam.freshness.shared import CacheAwayError, Shared

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

HIT, MISS, BYPASS = b"HIT", b"MISS", b"BYPASS"
SECONDS_BETWEEN_LOOKS = 0.01
# What the layer decides itself, for each response anew.
_OURS = {b"cache-control", b"content-length", b"date", b"etag", b"server", b"vary", b"x-cache"}
_CONDITIONAL = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}


@dataclass(frozen=True)
class Found:
    """An answer and where it comes from."""

    answer: Answer
    state: bytes


class Builder:
    """Builds each answer once, whatever the number of requests and of web processes that wait for it."""

    def __init__(self, application: Application, memory: Memory, shared: Shared) -> None:
        self._application = application
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
            return Found(await self._ask(scope), MISS)  # it may be another for somebody else
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
            answer = await self._ask(scope)
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

    async def _ask(self, scope: Scope) -> Answer:
        """Let the application answer a GET, whole, without conditions."""
        headers = [header for header in scope["headers"] if header[0] not in _CONDITIONAL]
        response = _Response()
        await self._application({**scope, "method": "GET", "headers": headers}, _Request().receive, response.send)
        return response.answer()


class _Request:
    """The body of a GET, and a client that never hangs up: others wait for the same answer."""

    def __init__(self) -> None:
        self._sent = False

    async def receive(self) -> Message:
        if self._sent:
            await asyncio.Event().wait()
        self._sent = True
        return {"type": "http.request", "body": b"", "more_body": False}


class _Response:
    """Collects what an application sends."""

    def __init__(self) -> None:
        self._status = 500
        self._headers: Headers = ()
        self._chunks: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], message["headers"]
        elif message["type"] == "http.response.body":
            self._chunks.append(message.get("body", b""))

    def answer(self) -> Answer:
        names = {name.lower(): value for name, value in self._headers}
        is_private = b"set-cookie" in names or b"private" in names.get(b"cache-control", b"")
        is_public = self._status == 200 and not is_private  # noqa: PLR2004 - OK
        left_out = _OURS if is_public else {b"content-length"}
        headers = [(name.lower(), value) for name, value in self._headers if name.lower() not in left_out]
        return Answer(self._status, headers, {IDENTITY: b"".join(self._chunks)}, is_public)
