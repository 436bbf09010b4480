"""A question to the database that many streams share."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, NoReturn, TypeVar

from nisam.jobs.live.reader import in_thread

Answer = TypeVar("Answer")


class Watch(Generic[Answer]):
    """Asks when it is stirred, and every `interval()` seconds, as long as somebody watches."""

    def __init__(self, read: Callable[[], Answer], interval: Callable[[], float]) -> None:
        self._read = read
        self._interval = interval
        self._waiting: list[asyncio.Future[Answer]] = []
        self._stirred = asyncio.Event()
        self._answered = asyncio.Event()
        self._watchers = 0
        self._task: asyncio.Task[NoReturn] | None = None

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """As long as anybody is in here it is kept up to date."""
        self._watchers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._ask())
        try:
            yield
        finally:
            self._watchers -= 1
            if self._watchers == 0:
                self._task.cancel()
                self._task = None

    @property
    def is_watched(self) -> bool:
        """Whether anybody is in it."""
        return self._watchers > 0

    def stir(self) -> None:
        """There may be something new."""
        self._stirred.set()

    async def fresh(self) -> Answer:
        """An answer to a question asked after now."""
        asked: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(asked)
        self.stir()
        task = self._running()
        either: set[asyncio.Future[Any]] = {asked, task}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return asked.result() if asked.done() else task.result()  # which raises

    async def newer(self, seen: Answer, seconds: float) -> Answer:
        """An answer that came after `seen`; `seen` itself when there is none within so many seconds."""
        if self._answer is seen:
            try:
                async with asyncio.timeout(seconds):
                    await self._answered.wait()
            except TimeoutError:
                if self._running().done():
                    self._running().result()
        return self._answer

    def _running(self) -> "asyncio.Task[NoReturn]":
        assert self._task, "Only who watches may ask."  # noqa: S101 - for the type
        return self._task

    async def _ask(self) -> NoReturn:
        while True:
            self._stirred.clear()
            served, self._waiting = self._waiting, []
            self._answer = await in_thread(self._read)
            for asked in served:
                if not asked.done():
                    asked.set_result(self._answer)
            self._answered.set()
            self._answered = asyncio.Event()
            try:
                async with asyncio.timeout(self._interval()):
                    await self._stirred.wait()
            except TimeoutError:
                pass
