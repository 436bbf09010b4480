"""Fixtures of the tests of reading."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django.fixtures import Settings


@dataclass
class Site:
    """A web site on this machine; `asked` lists the paths that were asked for, `asked_at` when (monotonic seconds)."""

    url: str = ""
    pages: dict[str, tuple[dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)

    def put(self, path: str, body: str | bytes, **headers: str) -> str:
        """Serve `body` at `path`; returns its address. An ETag that is asked about is answered with 304."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (named, content)
        return f"{self.url}{path}"


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """A web site on this machine, which may be asked."""
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    served = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked_at.append(time.monotonic())
            served.asked.append(self.path)
            path = self.path.partition("?")[0]
            headers, body = served.pages.get(path, ({}, b"<html>nothing</html>"))
            status = 200 if path in served.pages else 404
            if (asked := self.headers["If-None-Match"]) and asked == headers.get("ETag"):
                status, body = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()
