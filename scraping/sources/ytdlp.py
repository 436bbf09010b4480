"""Reading any site through yt-dlp: the one module that imports it, and that knows its ways and its errors."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NoReturn

from django.conf import settings
from yt_dlp import YoutubeDL
from yt_dlp.networking._requests import RequestsResponseAdapter, RequestsRH
from yt_dlp.networking.exceptions import HTTPError, RequestError, TransportError
from yt_dlp.utils import DownloadError, YoutubeDLError

from channels.addresses import ACCEPTED, Address, SingleVideoError
from channels.follow import Identity
from nisam.lib.errors import OperationError
from scraping import errors
from scraping.classify import classify
from scraping.network import PrivateAddressError, guard, size_limit
from scraping.sources.infodict import identity_of, is_youtube, page_of
from scraping.sources.source import InHand, Page

logger = logging.getLogger(__name__)

# Sites whose lists have no pages of their own are committed this many entries at a time.
ENTRIES_PER_PAGE = 50
_MAX_REDIRECTS = 3


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
    """A YoutubeDL whose own ways to the network are replaced by the guarded one."""

    def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
        own = {"Requests", "Urllib", "CurlCFFI", "Websockets"}
        kept = [handler for handler in handlers if handler.RH_KEY not in own]
        guarded = [_GuardedHandler] if any(handler is RequestsRH for handler in handlers) else []
        return super().build_request_director([*kept, *guarded], None if guarded else preferences)


class _PageEndError(Exception):
    """The extractor is about to ask for the next page."""

    def __init__(self, call: dict[str, Any]) -> None:
        self.query: dict[str, Any] = call["query"]
        self.visitor: str | None = (call.get("headers") or {}).get("X-Goog-Visitor-Id")
        self.config = call.get("ytcfg")


@dataclass
class _Gate:
    """Stands before a YouTube extractor's requests and lets one continuation through at a time.

    yt-dlp reads page after page inside one generator; stopped before each request, a page can be committed
    and its continuation kept before the next one is asked for.
    """

    send: Any
    open: bool = False

    def __call__(self, **call: Any) -> Any:
        if "continuation" in (call.get("query") or {}):
            if not self.open:
                raise _PageEndError(call)
            self.open = False
        return self.send(**call)


class _LastContinuation:
    """Finds a page's continuation once; yt-dlp looks through the whole page again after each of its entries."""

    def __init__(self, find: Any) -> None:
        self._find = find
        self._last: tuple[Any, Any] = (None, None)

    def __call__(self, renderer: Any) -> Any:
        if self._last[0] is not renderer:
            self._last = (renderer, self._find(renderer))
        return self._last[1]


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
class YtdlpSource:
    """Reads what yt-dlp can read; YouTube's lists page by page, others as they come."""

    options: dict[str, Any] = field(default_factory=dict)
    _logger: _Logger = field(default_factory=_Logger)

    def resolve(self, address: Address) -> Identity:
        """Ask the platform who is behind an address, in one request. Raises ScrapeError, AddressError."""
        with self._translated():
            info = self._extract(address.url, playlist_items="0")
            if "entries" not in info:
                self._refuse_video(info, address)
            # Asked for no items, yt-dlp still names the lists of a channel without reading them.
            lists = list(islice(info["entries"], 10)) if isinstance(info["entries"], list) else []
        return identity_of(info, lists, address)

    def channel_of(self, video_url: str) -> tuple[str, str]:
        """(name, address) of the channel of a video, in one request. Raises ScrapeError."""
        with self._translated():
            info = self._extract(video_url)
        url = info.get("channel_url") or info.get("uploader_url")
        if not url:
            raise errors.ParseError("The reply does not say which channel the video is in.")
        return str(info.get("channel") or info.get("uploader") or url), str(url)

    def pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:
        """Read a list lazily from its beginning or after a page's cursor. Raises ScrapeError."""
        with self._translated():
            if is_youtube(url):
                yield from self._youtube_pages(url, kind, cursor, in_hand)
            else:
                yield from self._plain_pages(url, kind, cursor, in_hand)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what yt-dlp and its extractors raise into our classes, with the platform's own words."""
        try:
            yield
        except OperationError:
            raise
        except (YoutubeDLError, RequestError) as error:
            raise _our_error(error) from error
        except Exception as error:  # extractors fail in every way when a page is not what they expect
            if refused := re.search(r"HTTP Error (\d{3})", self._logger.last_warning):
                raise classify(self._logger.last_warning, int(refused[1])) from error
            words = f"The reply could not be understood ({type(error).__name__}: {error})."
            raise errors.ParseError(words) from error

    @cached_property
    def _downloader(self) -> YoutubeDL:
        return self._make_downloader()

    def _make_downloader(self, **options: Any) -> YoutubeDL:
        return _Downloader(
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

    def _extract(self, url: str, **options: Any) -> dict[str, Any]:
        downloader = self._make_downloader(**options) if options else self._downloader
        for _ in range(_MAX_REDIRECTS):
            info: dict[str, Any] = downloader.extract_info(url, download=False, process=False) or {}
            if info.get("_type") not in {"url", "url_transparent"}:
                return info
            url = info["url"]
        raise errors.ParseError(f"{url} leads from one address to the next without an end.")

    def _refuse_video(self, info: dict[str, Any], address: Address) -> NoReturn:
        offer = info.get("channel_url") or info.get("uploader_url")
        hint = f" Its channel is {offer}: follow that." if offer else ""
        raise SingleVideoError(f"“{address.url}” is one video, not a channel.{hint}")

    def _youtube_pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:
        extractor = self._downloader.get_info_extractor("YoutubeTab")
        gate = extractor.__dict__.setdefault("_extract_response", _Gate(extractor._extract_response))  # noqa: SLF001
        extractor._extract_continuation = _LastContinuation(type(extractor)._extract_continuation)  # noqa: SLF001
        config = None
        entries = None if cursor else self._extract(url).get("entries")
        while True:
            if cursor:
                gate.open = True
                entries = _continued(extractor, cursor, config)
            page: list[dict[str, Any]] = []
            cursor = None
            try:
                for entry in entries or ():
                    page.append(entry)
                    in_hand(len(page))
            except _PageEndError as end:
                cursor, config = {"query": end.query, "visitor": end.visitor}, end.config
            yield page_of(page, kind, cursor, approximate=True)
            if not cursor:
                return

    def _plain_pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:
        read = int((cursor or {}).get("skip", 0))
        entries = islice(self._extract(url).get("entries") or (), read, None)
        while page := _counted(islice(entries, ENTRIES_PER_PAGE), in_hand):
            read += len(page)
            more = len(page) == ENTRIES_PER_PAGE
            yield page_of(page, kind, {"skip": read} if more else None, approximate=False)


def _counted(entries: Iterator[dict[str, Any]], in_hand: InHand) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = []
    for entry in entries:
        page.append(entry)
        in_hand(len(page))
    return page


def _continued(extractor: Any, cursor: dict[str, Any], config: Any) -> Iterator[dict[str, Any]]:
    """Let the extractor go on from a continuation, by showing it a list whose only item is that continuation."""
    query = cursor["query"]
    token = {"continuationCommand": {"token": query["continuation"]}, **query.get("clickTracking", {})}
    contents = [{"continuationItemRenderer": {"continuationEndpoint": token}}]
    tab = {"content": {"richGridRenderer": {"contents": contents}}}
    entries: Iterator[dict[str, Any]] = extractor._entries(tab, "resumed", config, None, cursor["visitor"])  # noqa: SLF001
    return entries


def _our_error(error: BaseException) -> OperationError:
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
