"""Django without its asynchronous side: a public answer is built in one thread, from the first middleware to the last.

Under ASGI, Django changes threads for every middleware and gives each request a new one: that costs more than the
queries of a page.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch, get_resolver, set_script_prefix

from nisam.freshness.answers import IDENTITY, Answer

# Building waits for the database most of the time; more at once would only wait there. Each keeps a connection, and
# half of the pool is for everything else.
MOST_THREADS = 8
OK = 200
# What the layer decides itself, for each response anew.
_OURS = {"cache-control", "content-length", "etag", "vary"}
_CONDITIONAL = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}


class Django(BaseHandler):
    """Answers GET requests, whole and without conditions."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware()
        size = settings.DATABASE_POOL_SIZE
        threads = min(MOST_THREADS, size // 2) if size else MOST_THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def ask(self, scope: Mapping[str, Any]) -> Answer:
        """The answer to a GET of what an ASGI scope asks for."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, scope)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """The view of a path; remembered, because going through all patterns takes as long as a small query."""
        request.resolver_match = match = _resolved(request.path_info)
        return match

    def _answer(self, scope: Mapping[str, Any]) -> Answer:
        headers = [header for header in scope["headers"] if header[0] not in _CONDITIONAL]
        asked = {**scope, "method": "GET", "headers": headers}
        set_script_prefix(get_script_prefix(scope))
        response = self._responded(asked)
        if connection.errors_occurred and not connection.is_usable():
            # The database was restarted since: the connection that was kept is of no use, a new one is.
            connection.close()
            response = self._responded(asked)
        return _kept(response)

    def _responded(self, scope: Mapping[str, Any]) -> HttpResponseBase:
        connection.close_if_unusable_or_obsolete()
        connection.ensure_connection()
        # Kept from one answer to the next, and found out to be of no use by failing, not by a question before each.
        connection.close_at = None
        connection.health_check_done = True  # type: ignore[attr-defined]
        return self.get_response(ASGIRequest(scope, BytesIO()))


@lru_cache(maxsize=4096)
def _resolved(path: str) -> ResolverMatch:
    return get_resolver().resolve(path)


def _kept(response: HttpResponseBase) -> Answer:
    is_private = bool(response.cookies) or "private" in response.headers.get("Cache-Control", "")
    is_public = response.status_code == OK and not is_private
    left_out = _OURS if is_public else {"content-length"}
    pairs = [(name.lower(), value) for name, value in response.headers.items() if name.lower() not in left_out]
    pairs += [("set-cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    headers = [(name.encode("ascii"), str(value).encode("latin-1")) for name, value in pairs]
    return Answer(response.status_code, headers, {IDENTITY: b"".join(response)}, is_public)
