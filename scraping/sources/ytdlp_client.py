"""yt-dlp as a client: its requests go through our door, its errors come out as our classes. Alone imports yt_dlp."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import Error as DatabaseError
from yt_dlp import YoutubeDL
from yt_dlp.extractor import common
from yt_dlp.extractor.youtube import _base, _tab
from yt_dlp.networking._requests import RequestsResponseAdapter, RequestsRH
from yt_dlp.networking.exceptions import HTTPError, RequestError, TransportError
from yt_dlp.utils import DownloadError, YoutubeDLError, traversal

from channels.addresses import ACCEPTED
from nisam.lib.errors import OperationError
from scraping import errors
from scraping.classify import classify
from scraping.door import Door
from scraping.network import PrivateAddressError, guard, size_limit
from scraping.sources.ytdlp_shortcuts import quick_join, shorten
from scraping.sources.ytdlp_traversal import quick

logger = logging.getLogger(__name__)

_MAX_REDIRECTS = 3
# Each module takes it from where it is defined, and asks it dozens of times an entry.
traversal.traverse_obj = common.traverse_obj = _base.traverse_obj = _tab.traverse_obj = quick(traversal.traverse_obj)
_tab.urljoin = quick_join(_tab.urljoin)


class _GuardedResponse(RequestsResponseAdapter):  # type: ignore[misc]
    def _real_read(self, amt: int | None = None) -> bytes:
        limit = size_limit()
        data: bytes = super()._real_read(limit + 1 if amt is None else amt)
        self.total_read = getattr(self, "total_read", 0) + len(data)
        if self.total_read > limit:
            raise errors.ResponseTooLargeError(f"{self.url} sent more than {limit} bytes.")
        return data


class _GuardedHandler(RequestsRH):  # type: ignore[misc]
    """yt-dlp's way of sending requests, through our door to the network."""

    RH_KEY = RH_NAME = "nisam"

    def _create_instance(self, *args: Any, **kwargs: Any) -> Any:
        session = super()._create_instance(*args, **kwargs)
        for adapter in session.adapters.values():
            guard(adapter.poolmanager)
        return session

    def _send(self, request: Any) -> Any:
        response = super()._send(request)
        response.__class__ = _GuardedResponse
        return response


class _Downloader(YoutubeDL):  # type: ignore[misc]
    """A YoutubeDL whose own ways to the network are replaced by the guarded one, and lead through our door."""

    door: Door
    _ies: dict[str, Any]
    # The extractors that a list of allowed ones lets in: finding them among two thousand takes longer than a page.
    _allowed: ClassVar[dict[tuple[str, ...], dict[str, Any]]] = {}

    def add_default_info_extractors(self) -> None:
        key = tuple(self.params["allowed_extractors"])
        if key not in self._allowed:
            super().add_default_info_extractors()
            self._allowed[key] = dict(self._ies)
        self._ies = dict(self._allowed[key])

    def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
        own = {"Requests", "Urllib", "CurlCFFI", "Websockets"}
        kept = [handler for handler in handlers if handler.RH_KEY not in own]
        guarded = [_GuardedHandler] if any(handler is RequestsRH for handler in handlers) else []
        return super().build_request_director([*kept, *guarded], None if guarded else preferences)

    def urlopen(self, request: Any) -> Any:
        """Every request of every extractor."""
        try:
            with self.door.visit(request if isinstance(request, str) else request.url):
                response = super().urlopen(request)
        except RequestError as error:
            self.door.failed(our_error(error))  # an extractor may swallow it
            raise
        kind: Any = type(response)
        response.__class__ = _counting(kind)
        response.door = self.door
        return response


@cache
def _counting(kind: Any) -> Any:
    """A response class that counts what is read of it, and lets a wait for it be interrupted."""

    class Counting(kind):  # type: ignore[misc]
        door: Door

        def read(self, amt: int | None = None) -> bytes:
            with self.door.waiting():
                data: bytes = super().read(amt)
            self.door.spend(0, len(data))
            return data

    return Counting


class _Logger:
    """yt-dlp's chatter, for those who debug it; the last warning may explain an error that says nothing."""

    last_warning = ""

    def debug(self, message: str) -> None:
        logger.debug(message)

    def warning(self, message: str) -> None:
        self.last_warning = message
        logger.debug(message)

    error = debug


@dataclass
class Client:
    """Asks yt-dlp. `options` are YoutubeDL's, beside ours."""

    door: Door
    options: dict[str, Any] = field(default_factory=dict)
    _logger: _Logger = field(default_factory=_Logger)

    def extract(self, url: str, **options: Any) -> dict[str, Any]:
        """The dictionary of an address, without its entries being read. Raises yt-dlp's errors."""
        downloader = self._make_downloader(**options) if options else self.downloader
        for _ in range(_MAX_REDIRECTS):
            info: dict[str, Any] = downloader.extract_info(url, download=False, process=False) or {}
            if info.get("_type") not in {"url", "url_transparent"}:
                return info
            url = info["url"]
        raise errors.ParseError(f"{url} leads from one address to the next without an end.")

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what yt-dlp and its extractors raise into our classes, with the platform's own words."""
        try:
            yield
        except OperationError as error:
            self.door.failed(error)
            raise
        except DatabaseError:  # our own statements run inside its generators: no fault of the platform
            raise
        except (YoutubeDLError, RequestError) as error:
            found = our_error(error)
            self.door.failed(found)
            raise found from error
        except Exception as error:  # extractors fail in every way when a page is not what they expect
            if refused := re.search(r"HTTP Error (\d{3})", self._logger.last_warning):
                raise classify(self._logger.last_warning, int(refused[1])) from error
            words = f"The reply could not be understood ({type(error).__name__}: {error})."
            raise errors.ParseError(words) from error
        self.door.succeeded()

    @cached_property
    def downloader(self) -> Any:
        """The YoutubeDL that is used again and again."""
        made = self._make_downloader()
        for name in ("Youtube", "YoutubeTab"):
            shorten(made.get_info_extractor(name))
        return made

    def _make_downloader(self, **options: Any) -> YoutubeDL:
        downloader = _Downloader(
            {
                "quiet": True,
                "logger": self._logger,
                "noprogress": True,
                "color": "never",
                "cachedir": False,
                # The job tries again by itself, politely; yt-dlp would at once.
                "extractor_retries": 0,
                "socket_timeout": settings.SCRAPE_TIMEOUT_SECONDS,
                "allowed_extractors": settings.ALLOWED_EXTRACTORS,
                "extractor_args": {
                    "youtubetab": {"approximate_date": [""]},
                    # A video's page alone, without its player: one request.
                    "youtube": {"player_client": ["web"], "player_skip": ["configs", "js"]},
                },
                **self.options,
                **options,
            }
        )
        downloader.door = self.door
        return downloader


def our_error(error: BaseException) -> OperationError:
    """The class of what yt-dlp raised."""
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, OperationError):
            return cause
        if isinstance(cause, PrivateAddressError):
            return errors.PrivateHostError(f"The address leads to a private network, which is not followed. {ACCEPTED}")
    http = next((cause for cause in chain if isinstance(cause, HTTPError)), None)
    if http:
        return classify(str(error), http.status, http.response.headers.get("Retry-After"))
    found = classify(str(error), None)
    if isinstance(found, errors.UnsupportedError):
        return errors.UnsupportedError(f"No source reads this address. {ACCEPTED}")
    if type(found) is errors.ScrapeError and any(isinstance(cause, TransportError) for cause in chain):
        return errors.NetworkError(str(found))
    return found


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    pending = [error]
    while pending:
        cause = pending.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        nested = cause.exc_info[1] if isinstance(cause, DownloadError) and cause.exc_info else None
        pending += [
            nested,
            getattr(cause, "cause", None),
            getattr(cause, "reason", None),
            cause.__cause__,
            cause.__context__,
        ]
        pending = [item for item in pending if item is None or isinstance(item, BaseException)]
