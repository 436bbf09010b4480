"""The door to the network, against a real server on this machine."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django.fixtures import Settings

from nisam.lib.errors import OperationError
from scraping.door import Door
from scraping.errors import NetworkError, PrivateHostError, ResponseTooLargeError, TimedOutError
from scraping.sources.ytdlp_client import Client

pytestmark = pytest.mark.django_db(transaction=True)


class Handler(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/redirect":
            self.send_response(302)
            port = self.headers["Host"].rpartition(":")[2]
            self.send_header("Location", f"http://127.0.0.2:{port}/secret")
            self.end_headers()
        elif self.path == "/slow":
            threading.Event().wait(3)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * (300_000 if self.path == "/large" else 10))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    Handler.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def fetch(url: str) -> bytes:
    """Ask through yt-dlp, as an extractor does."""
    client = Client(Door())
    with client.translated():
        body: bytes = client.downloader.urlopen(url).read()
    return body


def test_a_private_address_is_never_connected_to(server: str) -> None:
    with pytest.raises(PrivateHostError, match="private network"):
        fetch(f"{server}/secret")
    assert Handler.asked == []


def test_a_listed_private_address_is_asked(server: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    assert fetch(f"{server}/") == b"x" * 10


def test_a_redirect_to_a_private_address_is_not_followed(server: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with pytest.raises(PrivateHostError):
        fetch(f"{server}/redirect")
    assert Handler.asked == ["/redirect"]


@pytest.mark.parametrize("host", ["2130706433", "[::ffff:127.0.0.1]", "0x7f.1"])
def test_other_forms_of_a_private_address_are_not_asked(host: str, server: str) -> None:
    with pytest.raises(OperationError):
        fetch(f"http://{host}:{server.rpartition(':')[2]}/secret")
    assert Handler.asked == []


def test_a_name_that_resolves_to_a_private_address_is_not_asked(server: str) -> None:
    name = socket.gethostname()
    with pytest.raises((PrivateHostError, NetworkError)):
        fetch(f"http://{name}:{server.rpartition(':')[2]}/secret")
    assert Handler.asked == []


def test_a_response_that_is_too_large_is_refused(server: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.SCRAPE_MAX_RESPONSE_BYTES = 100_000
    with pytest.raises(ResponseTooLargeError, match="100000 bytes"):
        fetch(f"{server}/large")


def test_a_host_that_does_not_answer_is_given_up_on(server: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.SCRAPE_TIMEOUT_SECONDS = 1
    with pytest.raises((TimedOutError, NetworkError)):
        fetch(f"{server}/slow")


def test_a_host_that_is_not_there_is_a_network_error(settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(NetworkError):
        fetch(f"http://127.0.0.1:{port}/")
