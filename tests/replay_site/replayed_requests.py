"""The requests library, answered from the recordings like yt-dlp; hosts of this machine are asked for real."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

Find = Callable[..., Any]


class ReplayAdapter(BaseAdapter):
    """Answers with what `find` (of `replay.Library`) gives; what is not recorded is a broken connection."""

    def __init__(self, find: Find) -> None:
        super().__init__()
        self._find = find

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """The recorded response; one with the ETag that was asked about is a 304."""
        reply = self._find(request.method, request.url, request.body)
        if reply is None or reply.status == 0:
            raise requests.ConnectionError(f"not recorded: {request.url}", request=request)
        headers = dict(reply.headers)
        asked = request.headers.get("If-None-Match")
        status, body = (304, b"") if asked and asked == headers.get("etag") else (reply.status, reply.body)
        raw = HTTPResponse(io.BytesIO(body), headers=headers, status=status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def answered(find: Find) -> Iterator[None]:
    """Inside the block every session of `requests` asks `find`."""
    before = requests.Session.get_adapter

    def get_adapter(self: requests.Session, url: str) -> BaseAdapter:
        local = urlsplit(str(url)).hostname in {"127.0.0.1", "localhost"}
        return before(self, url) if local else ReplayAdapter(find)

    requests.Session.get_adapter = get_adapter  # type: ignore[method-assign]
    try:
        yield
    finally:
        requests.Session.get_adapter = before  # type: ignore[method-assign]
