"""Limits on how often somebody may ask, counted in the cache for all processes together."""

import ipaddress
import logging
import time
from hashlib import blake2b

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

logger = logging.getLogger(__name__)
# Where requests are counted while Redis is away: then each process has its own limit.
_memory = LocMemCache("throttles", {"max_entries": 100_000})
_IPV6_NETWORK = 64


class WindowThrottle(BaseThrottle):
    """At most `allowed` requests of one caller in each window of `seconds`; a subclass says who the caller is.

    One increment counts and decides, so that a hundred requests at once are a hundred.
    """

    name = ""
    allowed = 0
    seconds = 0

    def caller(self, request: Request) -> str:
        """Whose requests are counted together."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 - its signature
        """Count a request; False when it is one too many."""
        caller = blake2b(self.caller(request).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        key = f"throttle:{self.name}:{caller}:{int(time.time() // self.seconds)}"
        try:
            number = self._count(cache, key)
        except RedisError as error:
            logger.warning("Requests are counted in memory, Redis does not answer: %s", error)
            number = self._count(_memory, key)
        return number <= self.allowed

    def wait(self) -> float:
        """Seconds until the next window."""
        return self.seconds - time.time() % self.seconds

    def _count(self, counters: BaseCache, key: str) -> int:
        # Kept for longer than the window, so that it cannot end between the two statements.
        counters.add(key, 0, timeout=2 * self.seconds)
        try:
            return counters.incr(key)
        except ValueError:  # the cache was emptied between the two statements
            return 1


def address(request: Request) -> str:
    """Where a request comes from, an IPv6 network for all of its addresses: one subscriber has that many.

    A proxy's X-Forwarded-For counts only where the server was told to believe it (`--forwarded-allow-ips`).
    """
    raw = str(request.META.get("REMOTE_ADDR", ""))
    try:
        ip = ipaddress.ip_address(raw)
    except ValueError:  # a Unix socket has no address
        return raw
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.IPv6Network((int(ip), _IPV6_NETWORK), strict=False))
    return str(ip)
