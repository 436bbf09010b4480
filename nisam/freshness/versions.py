"""Reading the versions of the content, as they are now and never as they were."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from django.db import Error, connection

from nisam.freshness.models import Group, Version
from nisam.freshness.touch import write_missing

Tokens = Mapping[str, str]


class Versions:
    """The versions from the database, one indexed read for all who ask at the same time.

    A read serves only those who asked before it began: what it sees is at least as new as every commit that was
    acknowledged before they asked. While one is under way, later ones wait together for the next.
    """

    def __init__(self) -> None:
        # A thread of its own, so that it keeps its connection, and a slow database does not stop the event loop.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="versions")
        self._waiting: list[asyncio.Future[Tokens]] = []
        self._task: asyncio.Task[None] | None = None

    async def read(self) -> Tokens:
        """The token of each group. Raises django.db.Error when the database does not answer."""
        asked: asyncio.Future[Tokens] = asyncio.get_running_loop().create_future()
        self._waiting.append(asked)
        if self._task is None:
            self._task = asyncio.create_task(self._serve())
        return await asked

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            served, self._waiting = self._waiting, []
            try:
                tokens = await loop.run_in_executor(self._thread, _select)
            except Exception as error:  # noqa: BLE001 - everybody who waits is told, none may wait for ever
                for asked in served:
                    if not asked.done():
                        asked.set_exception(error)
            else:
                for asked in served:
                    if not asked.done():
                        asked.set_result(tokens)
        self._task = None


def _select() -> Tokens:
    try:
        return _complete()
    except Error:
        connection.close()
    return _complete()  # over a new connection: the old one may have been one to a server that was restarted


def _complete() -> Tokens:
    tokens = _tokens()
    if missing := set(Group.values) - tokens.keys():  # nobody has touched them yet, or the table was emptied
        write_missing(missing)
        tokens = _tokens()
    return tokens


def _tokens() -> Tokens:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "group", token FROM {Version._meta.db_table}')  # noqa: S608, SLF001 - our own table
        return dict(cursor.fetchall())
