"""The ASGI layer that sends streams, asked as a server asks it."""

import asyncio
from typing import Any

import pytest
from django.core.asgi import get_asgi_application

from nisam.jobs.live.hub import hub
from nisam.jobs.live.layer import LiveStreams
from tests.builders import make_job

pytestmark = pytest.mark.django_db(transaction=True)


def scope(path: str, token: str) -> dict[str, Any]:
    headers = [(b"host", b"localhost"), (b"authorization", f"Token {token}".encode())]
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers, "scheme": "http"}


def test_who_leaves_frees_everything(token: str) -> None:
    path = f"/api/automation/jobs/{make_job().pk}/stream"

    async def visits() -> tuple[list[int], set[str]]:
        layer = LiveStreams(get_asgi_application())
        listening, leave = asyncio.Semaphore(0), asyncio.Event()

        async def receive() -> dict[str, Any]:
            await leave.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if b"\nid: 1\n" in message.get("body", b""):
                listening.release()

        clients = [asyncio.create_task(layer(scope(path, token), receive, send)) for _ in range(20)]
        for _ in clients:
            await listening.acquire()
        feeds = [len(hub._feeds)]
        leave.set()
        await asyncio.gather(*clients)
        feeds.append(len(hub._feeds))
        await asyncio.sleep(0)  # what was cancelled ends
        left = asyncio.all_tasks() - {asyncio.current_task()}
        return feeds, {str(task.get_coro()).split()[2] for task in left}

    feeds, tasks = asyncio.run(visits())
    assert feeds == [1, 0]
    assert tasks == {"Subscription._listen"}, "the one that all share"


def test_who_leaves_before_the_first_byte_frees_everything(token: str) -> None:
    path = f"/api/automation/jobs/{make_job().pk}/stream"

    async def visit() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            await asyncio.sleep(0)

        await LiveStreams(get_asgi_application())(scope(path, token), receive, send)

    asyncio.run(visit())
    assert hub._feeds == {}
