"""The ASGI layer in front of Django: public answers from memory or Redis, never older than the last commit.

The versions are read before anything else, for every request. They are part of the key, so what was built from older
content is found by nobody, however late it is stored.
"""

import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.db import Error

from nisam.freshness.answers import BROTLI, GZIP, IDENTITY, Memory
from nisam.freshness.builder import BYPASS, HIT, MISS, Builder, Found
from nisam.freshness.keys import Question, key_of, question
from nisam.freshness.shared import Shared
from nisam.freshness.versions import Versions
from nisam.lib.api_errors import DATABASE_UNAVAILABLE, error_body

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

_CACHING = [(b"cache-control", b"public, no-cache"), (b"vary", b"Accept-Encoding")]
_LATER = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"retry-after", b"5")]
_UNAVAILABLE = orjson.dumps(error_body(DATABASE_UNAVAILABLE, "UNAVAILABLE"))
_logger = logging.getLogger(__name__)


class FreshAnswers:
    """An ASGI application around another one."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._versions = Versions()
        self._memory = Memory(settings.CACHE_MEMORY_MB * 1024 * 1024)
        self._shared = Shared()
        self._builder = Builder(self._memory, self._shared)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is stored, or let the application answer and store that."""
        asked = question(scope)
        if asked is None:
            await self._application(scope, receive, send)
            return
        try:
            await self._answer(asked, scope, send)
        except Error:  # of the database; nothing was sent yet
            _logger.exception("%s could not be answered", scope["path"])
            await _respond(send, scope, 503, list(_LATER), _UNAVAILABLE)

    async def _answer(self, asked: Question, scope: Scope, send: Send) -> None:
        key = key_of(asked, await self._versions.read())
        if (tag := _known_tag(scope, key.digest)) is not None:
            await _respond(send, scope, 304, [*_CACHING, (b"etag", tag), (b"x-cache", self._state())])
            return
        stored = self._memory.get(key.digest)
        found = Found(stored, self._state()) if stored else await self._builder.find(key, scope)
        accepted = _accepted(_header(scope, b"accept-encoding"))
        if accepted and found.state != MISS and found.answer.is_public and len(found.answer.bodies) == 1:
            self._builder.compress(key, found.answer)  # for the next one who asks
        await _send(send, scope, found, key.digest, accepted)

    def _state(self) -> bytes:
        """What an answer is called that nobody was asked for."""
        self._shared.check()
        return BYPASS if self._shared.is_away else HIT


async def _send(send: Send, scope: Scope, found: Found, digest: str, accepted: Sequence[bytes]) -> None:
    answer = found.answer
    if not answer.is_public:
        await _respond(
            send, scope, answer.status, [*answer.headers, (b"x-cache", found.state)], answer.bodies[IDENTITY]
        )
        return
    encoding = next((one for one in accepted if one in answer.bodies), IDENTITY)
    headers = [*answer.headers, *_CACHING, (b"etag", _tag(digest, encoding)), (b"x-cache", found.state)]
    if encoding:
        headers.append((b"content-encoding", encoding))
    await _respond(send, scope, answer.status, headers, answer.bodies[encoding])


async def _respond(
    send: Send, scope: Scope, status: int, headers: list[tuple[bytes, bytes]], body: bytes | None = None
) -> None:
    if body is not None:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body or b"" if scope["method"] == "GET" else b""})


def _header(scope: Scope, wanted: bytes) -> bytes:
    return b",".join(value for name, value in scope["headers"] if name == wanted)


def _tag(digest: str, encoding: bytes) -> bytes:
    """A strong ETag: each encoding of an answer has its own."""
    return b'"%s%s"' % (digest.encode(), b"-" + encoding if encoding else b"")


def _known_tag(scope: Scope, digest: str) -> bytes | None:
    """The ETag of If-None-Match that is this answer's, in whatever encoding the client has it."""
    known = _header(scope, b"if-none-match")
    if digest.encode() not in known:
        return None
    tags = [raw.strip().removeprefix(b"W/") for raw in known.split(b",")]
    return next((tag for encoding in (IDENTITY, GZIP, BROTLI) if (tag := _tag(digest, encoding)) in tags), None)


@lru_cache(maxsize=256)
def _accepted(header: bytes) -> tuple[bytes, ...]:
    """The encodings that an Accept-Encoding header allows, of ours, the best first."""
    allowed = {}
    for part in header.lower().split(b","):
        name, _, parameters = part.partition(b";")
        allowed[name.strip()] = parameters.replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}
    return tuple(one for one in (BROTLI, GZIP) if allowed.get(one, allowed.get(b"*", False)))
