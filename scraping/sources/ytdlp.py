"""Reading any site through yt-dlp: YouTube's lists page by page, others as they come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NoReturn

from channels.addresses import Address, SingleVideoError, parse_address
from channels.follow import Identity
from channels.models import TabKind
from scraping import errors
from scraping.door import Door
from scraping.sources import infodict
from scraping.sources.infodict import is_youtube, page_of
from scraping.sources.source import Details, InHand, Page
from scraping.sources.ytdlp_client import Client
from scraping.sources.ytdlp_pages import EndOfPageError, continued, gated

# Sites whose lists have no pages of their own are committed this many entries at a time.
ENTRIES_PER_PAGE = 50
# The playlists that YouTube keeps of a channel's uploads: UU and these, in front of the id without its UC.
_UPLOADS = {TabKind.VIDEOS: "UULF", TabKind.SHORTS: "UUSH", TabKind.STREAMS: "UULV"}


@dataclass
class YtdlpSource:
    """Reads what yt-dlp can read."""

    door: Door = field(default_factory=Door)

    @cached_property
    def _client(self) -> Client:
        return Client(self.door)

    def resolve(self, address: Address) -> Identity:
        """Ask the platform who is behind an address, in one request. Raises ScrapeError, AddressError.

        A channel whose page shows nothing (an age-restricted one) is known by its uploads playlist: two requests.
        """
        with self._client.translated():
            info = self._client.extract(address.url, playlist_items="0")
            if "entries" not in info:
                self._refuse_video(info, address)
            # Asked for no items, yt-dlp still names the lists of a channel without reading them.
            lists = list(islice(info["entries"], 10)) if isinstance(info["entries"], list) else []
            uploads = _uploads_playlist(f"{address.url}/videos", TabKind.VIDEOS)
            if uploads and not info.get("channel_id"):
                info = self._client.extract(uploads, playlist_items="0")
        return infodict.identity_of(info, lists, address)

    def channel_of(self, video_url: str) -> tuple[str, str]:
        """(name, address) of the channel of a video, in one request. Raises ScrapeError."""
        with self._client.translated():
            info = self._client.extract(video_url)
        url = info.get("channel_url") or info.get("uploader_url")
        if not url:
            raise errors.ParseError("The reply does not say which channel the video is in.")
        return str(info.get("channel") or info.get("uploader") or url), str(url)

    def details(self, video_url: str) -> Details:
        """Read a video's own page, in one request. Raises ScrapeError."""
        with self._client.translated():
            info = self._client.extract(video_url)
            if "entries" in info:
                raise errors.ParseError("The reply is a list where a video was expected.")
            return infodict.details_of(info, video_url)

    def pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:
        """Read a list lazily from its beginning or after a page's cursor. Raises ScrapeError."""
        pages = (self._youtube_pages if is_youtube(url) else self._plain_pages)(url, kind, cursor, in_hand)
        while True:
            with self._client.translated():
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _refuse_video(self, info: dict[str, Any], address: Address) -> NoReturn:
        offer = info.get("channel_url") or info.get("uploader_url")
        hint = f" Its channel is {offer}: follow that." if offer else ""
        raise SingleVideoError(f"“{address.url}” is one video, not a channel.{hint}")

    def _youtube_pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:
        first = None if cursor else self._client.extract(url)
        pages = self._pages_after(first, url, kind, cursor, in_hand)
        page = next(pages)
        is_blank = first and not page.entries and not page.not_videos and page.identity is None
        if is_blank and (uploads := _uploads_playlist(url, kind)):
            # No list, no name and no error: YouTube hides it, as it does for age-restricted channels.
            yield from self._uploads(uploads, url, kind, in_hand)
            return
        yield page
        yield from pages

    def _uploads(self, playlist: str, url: str, kind: str, in_hand: InHand) -> Iterator[Page]:
        try:
            with self._client.translated():
                first = self._client.extract(playlist)
        except (errors.ChannelGoneError, errors.TabMissingError):
            yield Page((), None)  # there are no uploads of this kind
            return
        yield from self._pages_after(first, url, kind, None, in_hand)

    def _pages_after(
        self, first: dict[str, Any] | None, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand
    ) -> Iterator[Page]:
        extractor, gate = gated(self._client.downloader)
        identity = _identity(first, url) if first else None
        entries, config = (first or {}).get("entries"), None
        while True:
            if cursor:
                gate.open = True
                entries = continued(extractor, cursor, config)
            page: list[dict[str, Any]] = []
            cursor = None
            try:
                for entry in entries or ():
                    page.append(entry)
                    in_hand(len(page))
            except EndOfPageError as end:
                cursor, config = {"query": end.query, "visitor": end.visitor}, end.config
            yield page_of(page, kind, cursor, approximate=True, identity=identity)
            if not cursor:
                return
            identity = None

    def _plain_pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:
        read = int((cursor or {}).get("skip", 0))
        info = self._client.extract(url)
        identity = _identity(info, url)
        entries = islice(info.get("entries") or (), read, None)
        while page := _counted(islice(entries, ENTRIES_PER_PAGE), in_hand):
            read += len(page)
            more = len(page) == ENTRIES_PER_PAGE
            yield page_of(page, kind, {"skip": read} if more else None, approximate=False, identity=identity)


def _counted(entries: Iterator[dict[str, Any]], in_hand: InHand) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = []
    for entry in entries:
        page.append(entry)
        in_hand(len(page))
    return page


def _identity(info: dict[str, Any], url: str) -> Identity | None:
    """Who a list at `url` says it is of; None when it does not."""
    try:
        return infodict.identity_of(info, [], parse_address(url))
    except errors.ParseError:
        return None


def _uploads_playlist(url: str, kind: str) -> str:
    """The address of the playlist that shows what a channel's tab should; empty where there is none."""
    before, channel, rest = url.partition("/channel/UC")
    if not is_youtube(before + "/") or not channel:
        return ""
    return f"https://www.youtube.com/playlist?list={_UPLOADS[TabKind(kind)]}{rest.partition('/')[0]}"
