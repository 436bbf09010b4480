"""Reading the versions of the content, as they are now and never as they were."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import Error, connection
from psycopg import OperationalError

from nisam.freshness.models import Group, Version
from nisam.freshness.postgresql.question import Question
from nisam.freshness.touch import write_missing

Tokens = Mapping[str, str]

_STATEMENT = f'SELECT "group", token FROM {Version._meta.db_table}'  # noqa: S608, SLF001 - our own table
_GROUPS = frozenset(Group.values)


class Versions:
    """The versions from the database, one indexed read for all who ask at the same time.

    A read serves only those who asked before it began: what it sees is at least as new as every commit that was
    acknowledged before they asked. While one is under way, later ones wait together for the next.
    """

    def __init__(self) -> None:
        # A thread of its own, so that it keeps its connection, and a slow database does not stop the event loop. It
        # makes the connection; where it is PostgreSQL's, the loop asks over it then, because to change threads and back
        # takes longer than the answer.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="versions")
        self._question: Question | None = None
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
        while self._waiting:
            served, self._waiting = self._waiting, []
            try:
                tokens = await self._ask()
            except Exception as error:  # noqa: BLE001 - everybody who waits is told, none may wait for ever
                for asked in served:
                    if not asked.done():
                        asked.set_exception(error)
            else:
                for asked in served:
                    if not asked.done():
                        asked.set_result(tokens)
        self._task = None

    async def _ask(self) -> Tokens:
        if self._question:
            # What goes wrong here the thread meets again, or gets over with a new connection.
            with suppress(OperationalError):
                tokens: Tokens = dict(await self._question.ask())
                if not _missing(tokens):
                    return tokens
        self._question = None
        tokens, self._question = await asyncio.get_running_loop().run_in_executor(self._thread, _select)
        return tokens


def _select() -> tuple[Tokens, Question | None]:
    """The tokens, and what asks for them again."""
    try:
        tokens = _complete()
    except Error:
        connection.close()
        # Over a new connection: the old one may have been one to a server that was restarted.
        tokens = _complete()
    return tokens, Question(connection.connection, _STATEMENT) if connection.vendor == "postgresql" else None


def _complete() -> Tokens:
    tokens = _tokens()
    if missing := _missing(tokens):
        write_missing(missing)
        tokens = _tokens()
    return tokens


def _missing(tokens: Tokens) -> frozenset[str]:
    """Groups that nobody has touched yet, or all when the table was emptied."""
    return _GROUPS - tokens.keys()


def _tokens() -> Tokens:
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT)
        return dict(cursor.fetchall())
