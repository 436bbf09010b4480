"""The floor of the API's benchmark: the least that an ASGI application can do on the same server."""

from typing import Any

_BODY = b"hello"
_HEADERS = [(b"content-type", b"text/plain"), (b"content-length", str(len(_BODY)).encode())]


async def application(_scope: Any, _receive: Any, send: Any) -> None:
    """Say hello to everybody."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})
