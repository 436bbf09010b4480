"""Bodies that are written while they are read, however large, in a web process and in a test client alike."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import StreamingHttpResponse
from rest_framework.request import Request


def streamed(request: Request, pieces: Iterator[bytes], *, content_type: str, filename: str) -> StreamingHttpResponse:
    """An answer of these pieces, offered as a file; each is made when the one before has gone out."""
    is_asynchronous = isinstance(request._request, ASGIRequest)  # noqa: SLF001 - DRF has no other way to it
    return StreamingHttpResponse(
        _one_by_one(pieces) if is_asynchronous else pieces,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "X-Accel-Buffering": "no",
        },
    )


async def _one_by_one(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await sync_to_async(_next)(pieces)) is not None:
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    try:
        return next(pieces, None)
    finally:
        connection.close()  # a slow reader must not keep a connection of the pool between two pieces
