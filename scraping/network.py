"""The one door to the network: timeouts, a size limit, and public addresses only, also after a redirect.

Addresses are judged when a socket is about to be opened, so that neither a redirect nor a name that resolves to
something else the second time leads around the check.
"""

from typing import Any

import requests
import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from nisam.lib.hosts import public_addresses

MAX_REDIRECTS = 5
USER_AGENT = "nisam/0.1 (self-hosted video hub)"


class PrivateAddressError(NewConnectionError):
    """Every address of the host is on a private network."""


class _GuardedHTTPConnection(HTTPConnection):
    def _new_conn(self) -> Any:
        host, port = self._dns_host, self.port
        try:
            addresses = public_addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"{host} cannot be resolved: {error}") from error
        if not addresses:
            raise PrivateAddressError(self, f"{host} is on a private network, which is not asked.")
        return self._first_that_answers(addresses, port)

    def _first_that_answers(self, addresses: list[str], port: int) -> Any:
        problem: OSError | None = None
        for address in addresses:
            try:
                return create_connection((address, port), self.timeout, socket_options=self.socket_options)
            except TimeoutError as error:
                raise ConnectTimeoutError(self, f"{self.host} did not answer in time.") from error
            except OSError as error:
                problem = error
        raise NewConnectionError(self, f"{self.host} cannot be reached: {problem}") from problem


class _GuardedHTTPSConnection(_GuardedHTTPConnection, HTTPSConnection):
    pass


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTPConnection


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPSConnection


def guard(manager: urllib3.PoolManager) -> None:
    """Make every connection that a urllib3 pool manager opens from now on go through the door."""
    manager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}


class GuardedSession(requests.Session):
    """A session of `requests` whose connections go through the door; no proxy and no netrc of the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = MAX_REDIRECTS
        self.headers["User-Agent"] = USER_AGENT
        for adapter in self.adapters.values():
            guard(adapter.poolmanager)  # type: ignore[attr-defined]


def size_limit() -> int:
    """The largest response body that is read, in bytes."""
    return int(settings.SCRAPE_MAX_RESPONSE_BYTES)
