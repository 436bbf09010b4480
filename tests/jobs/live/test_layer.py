"""The ASGI layer that sends streams, asked as a server asks it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.db import connection, transaction

from nisam.jobs.events import Event, record
from nisam.jobs.live import hub, stream
from nisam.jobs.live.announce import announcer
from nisam.jobs.live.layer import LiveStreams
from nisam.jobs.models import Job
from tests.builders import make_job

pytestmark = pytest.mark.django_db(transaction=True)
FIRST_ENTRY = b"\nid: 1\n"


class Visit:
    """A client of a stream: it asks, hears, and leaves."""

    def __init__(self, layer: LiveStreams, job: Job, token: str) -> None:
        self.heard = b""
        self._more, self._leave = asyncio.Event(), asyncio.Event()
        self._going_on = asyncio.create_task(layer(_scope(job, token), self._receive, self._send))

    async def until(self, wanted: bytes) -> None:
        """Wait until something has been heard."""
        async with asyncio.timeout(20):
            while wanted not in self.heard:
                self._more.clear()
                await self._more.wait()

    async def leave(self) -> None:
        """Close the connection; returns when the layer is done with it."""
        self._leave.set()
        await self._going_on

    async def _receive(self) -> dict[str, Any]:
        await self._leave.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.heard += message.get("body", b"")
        self._more.set()


def _scope(job: Job, token: str) -> dict[str, Any]:
    headers = [(b"host", b"localhost"), (b"authorization", f"Token {token}".encode())]
    path = f"/api/automation/jobs/{job.pk}/stream"
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers, "scheme": "http"}


def visit_until(wanted: bytes, token: str, meanwhile: Callable[[Job], None] = lambda _: None) -> None:
    """One visit, from the first entry of a job to what is waited for; `meanwhile` is done in a thread between them."""
    job = make_job()

    async def visit() -> None:
        one = Visit(LiveStreams(get_asgi_application()), job, token)
        await one.until(FIRST_ENTRY)
        await asyncio.to_thread(meanwhile, job)
        await one.until(wanted)
        await one.leave()

    asyncio.run(visit())


def write(job: Job) -> None:
    try:
        with transaction.atomic():
            record(job.pk, None, [Event("log", "a line")])
    finally:
        connection.close()


def test_who_leaves_frees_everything(token: str) -> None:
    job = make_job()

    async def visits() -> tuple[list[int], set[str]]:
        layer = LiveStreams(get_asgi_application())
        clients = [Visit(layer, job, token) for _ in range(20)]
        await asyncio.gather(*(client.until(FIRST_ENTRY) for client in clients))
        feeds = [len(hub.hub._feeds)]
        await asyncio.gather(*(client.leave() for client in clients))
        feeds.append(len(hub.hub._feeds))
        await asyncio.sleep(0)  # what was cancelled ends
        left = asyncio.all_tasks() - {asyncio.current_task()}
        return feeds, {str(task.get_coro()).split()[2] for task in left}

    feeds, tasks = asyncio.run(visits())
    assert feeds == [1, 0]
    assert tasks == {"Subscription._listen"}, "the one that all share"


def test_who_leaves_before_the_first_byte_frees_everything(token: str) -> None:
    job = make_job()

    async def visit() -> None:
        await Visit(LiveStreams(get_asgi_application()), job, token).leave()

    asyncio.run(visit())
    assert hub.hub._feeds == {}


def test_a_silent_line_is_kept_open(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)
    visit_until(b"\n: still here\n", token)


def test_a_message_that_got_lost_is_made_up_for(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "SECONDS_BETWEEN_LOOKS", 0.1)
    monkeypatch.setattr(hub, "SECONDS_WITHOUT_REDIS", 0.1)
    monkeypatch.setattr(announcer, "publish", lambda _topic: None)
    visit_until(b"\nid: 2\n", token, write)
