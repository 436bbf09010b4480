"""One client that asks for one thing after another over a connection that is kept."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from benchmarks.database import CannotRunError

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """An answer, and how long it took from the first byte sent to the last one read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    milliseconds: float

    @property
    def state(self) -> str:
        """HIT, MISS or BYPASS. Raises CannotRunError where the server has no cache."""
        if "x-cache" not in self.headers:
            raise CannotRunError(f"An answer ({self.status}) came without X-Cache: the cache layer is not there.")
        return self.headers["x-cache"]


class Client:
    """A connection to a server of this machine."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
        """Ask, and read the whole answer."""
        began = time.perf_counter()
        self.ask(path, headers)
        return self.answer(began)

    def ask(self, path: str, headers: Mapping[str, str] = NO_HEADERS) -> None:
        """Send the question only."""
        self._connection.request("GET", path, headers=dict(headers))

    def answer(self, began: float = 0.0) -> Answer:
        """Read the answer to what was asked."""
        response = self._connection.getresponse()
        body = response.read()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, body, 1000 * (time.perf_counter() - began))
