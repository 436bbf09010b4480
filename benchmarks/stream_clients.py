"""Many clients of one stream, in one event loop: when each entry arrived at each of them."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_ID = re.compile(rb"^id: (\d+)$", re.MULTILINE)


class Listener(asyncio.Protocol):
    """A client. `arrived` has the time of each entry's arrival by its number."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._rest = b""
        self.arrived: dict[int, float] = {}
        self.twice = 0
        self.connected = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note what has arrived whole."""
        now = time.monotonic()
        whole, _, self._rest = (self._rest + data).rpartition(b"\n\n")
        for found in _ID.findall(whole):
            self.twice += int(found) in self.arrived
            self.arrived[int(found)] = now
        if self.arrived and not self.connected.done():
            self.connected.set_result(None)


@asynccontextmanager
async def listeners(number: int, port: int, path: str, token: str) -> AsyncIterator[list[Listener]]:
    """So many clients that have had their first entry, in the block."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {token}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Listener(request), "127.0.0.1", port) for _ in range(number)]
    try:
        await asyncio.gather(*(client.connected for _, client in made))
        yield [client for _, client in made]
    finally:
        for transport, _ in made:
            transport.close()
        await asyncio.sleep(1)  # the server notices
