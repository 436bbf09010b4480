"""The ASGI layer that sends streams. Django answers the request in one of a few threads and is done with it.

Left to Django's own ASGI handler each client would keep a thread for as long as it listens.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from nisam.jobs.live.response import EventStream

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class LiveStreams(BaseHandler):
    """An ASGI application around another one, which it leaves everything to but GETs of …/stream."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self.load_middleware()
        self._application = application
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="stream-requests")

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Send a stream to its end or until the client is gone, or the error that Django answered instead."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith("/stream"):
            await self._application(scope, receive, send)
            return
        response = await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, scope)
        await send({"type": "http.response.start", "status": response.status_code, "headers": _headers(response)})
        sending = asyncio.create_task(_send(response, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    def _answer(self, scope: Any) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        try:
            return self.get_response(ASGIRequest(scope, BytesIO()))
        finally:
            connections.close_all()  # a listener keeps no connection to the database


async def _send(response: HttpResponseBase, send: Send) -> None:
    if isinstance(response, EventStream):
        async with aclosing(response.parts):
            async for part in response.parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": b"".join(response)})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    pairs = [(name, value) for name, value in response.headers.items()]
    pairs += [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
    return [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in pairs]
