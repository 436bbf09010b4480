"""One statement that is asked again and again, over libpq and without a thread: the event loop waits for the answer."""

import asyncio
import os
from typing import Any

from psycopg import OperationalError
from psycopg.pq import ExecStatus

Rows = list[tuple[Any, ...]]
# PostgreSQL's name for the one statement of a connection that the next one replaces.
_UNNAMED = b""


class Question:
    """A statement without parameters, prepared on a connection that nobody else uses while it is asked."""

    def __init__(self, connection: Any, statement: str) -> None:
        self._libpq = connection.pgconn
        self._libpq.prepare(_UNNAMED, statement.encode())

    async def ask(self) -> Rows:
        """The rows, as text. Raises psycopg.OperationalError; the connection may be of no use then."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Rows] = loop.create_future()
        # A descriptor of our own: libpq closes its own when the connection is lost, and the next client of the server
        # may get that number while the loop still watches it.
        socket = os.dup(self._libpq.socket)
        loop.add_reader(socket, self._read, [], answered)
        try:
            self._libpq.send_query_prepared(_UNNAMED, None)
            self._libpq.flush()
            return await answered
        finally:
            loop.remove_reader(socket)
            os.close(socket)

    def _read(self, rows: Rows, answered: asyncio.Future[Rows]) -> None:
        """Take what has arrived, which may be a part."""
        try:
            self._libpq.consume_input()
            while not (answered.done() or self._libpq.is_busy()):
                result = self._libpq.get_result()
                if result is None:
                    answered.set_result(rows)
                elif result.status == ExecStatus.TUPLES_OK:
                    rows += _texts(result)
                else:
                    raise OperationalError(result.error_message.decode())
        except OperationalError as error:
            answered.set_exception(error)


def _texts(result: Any) -> Rows:
    columns = range(result.nfields)
    return [tuple(result.get_value(row, column).decode() for column in columns) for row in range(result.ntuples)]
