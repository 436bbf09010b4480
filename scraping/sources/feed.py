"""Reading feeds: RSS and Atom of any version, and YouTube's, which say more than others.

feedparser only parses what the door fetched; given a file object, it opens nothing by itself.
"""

import calendar
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser

from channels.addresses import LONGEST, Address, parse_address
from channels.follow import Identity, TabAddress, alias_keys
from channels.models import TabKind
from scraping import errors
from scraping.door import Door, Fetched
from scraping.sources.markup import plain_text
from scraping.sources.source import Details, InHand, Page
from scraping.sources.values import text, web_address
from videos.ingest import MAX_COUNT, MAX_ID, Entry
from videos.models import Kind, Precision

_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
# So far into a document its outermost element must have come.
_BEGINNING = 64 * 1024
_ROOT = re.compile(rb"<(?:\w+:)?(rss|feed|rdf)\b", re.IGNORECASE)
_END = re.compile(rb"</(?:\w+:)?(rss|feed|rdf)\s*>", re.IGNORECASE)
_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
# Ids that are meant to be the only one of their kind in the world; others are so in their feed only.
_WORLDWIDE = re.compile(r"https?://|tag:|urn:", re.IGNORECASE)
_YOUTUBE_PICTURE = re.compile(r"//i\d\.ytimg\.com/")
_DURATION = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,5}):)?(\d{1,9})(?:\.\d+)?")
# Columns of channels that keep a feed's own words.
_LONGEST_ETAG, _LONGEST_DATE = 200, 100


@dataclass(frozen=True)
class FeedReply:
    """What a feed said, newest first as given. `unchanged`: nothing since `etag` or `modified`, so no entries.

    `channel_id` is YouTube's id of the feed's channel, if the feed is YouTube's.
    """

    unchanged: bool = False
    entries: list[Entry] = field(default_factory=list)
    etag: str = ""
    modified: str = ""
    title: str = ""
    link: str = ""
    channel_id: str = ""
    description: str = ""
    picture: str = ""


def read_feed(door: Door, url: str, *, etag: str = "", modified: str = "") -> FeedReply:
    """Fetch a feed, unless it is as it was when `etag` and `modified` were given (RFC 9110 section 13.1).

    Raises ParseError for what is no feed, and any ScrapeError of the door.
    """
    headers = {"Accept": _ACCEPT, "If-None-Match": etag, "If-Modified-Since": modified}
    fetched = door.fetch(url, {name: value for name, value in headers.items() if value})
    if fetched.status == 304:  # noqa: PLR2004 - Not Modified
        return FeedReply(unchanged=True, etag=etag, modified=modified)
    return parse_feed(fetched, url)


def parse_feed(fetched: Fetched, url: str) -> FeedReply:
    """The feed in an answer that was asked for at `url`. Raises ParseError for what is no feed."""
    if not looks_like_feed(fetched.body):
        raise errors.ParseError(f"There is no feed at {url}.")
    headers = {name.lower(): value for name, value in fetched.headers.items()}
    about = {"content-location": fetched.url, "content-type": headers.get("content-type", "")}
    try:
        parsed = feedparser.parse(
            io.BytesIO(fetched.body), response_headers=about, sanitize_html=False, resolve_relative_uris=False
        )
        entries = _entries(parsed, url)
    except (ValueError, LookupError, AssertionError, RecursionError) as error:
        raise errors.ParseError(f"The feed at {url} could not be understood ({type(error).__name__}).") from error
    title = text(parsed.feed, "title")
    if not parsed.version or (parsed.bozo and not parsed.entries and not title):
        raise errors.ParseError(f"The feed at {url} could not be understood: its XML is broken.")
    if parsed.bozo and not _END.search(_without_zeros(fetched.body)):
        entries = entries[:-1]  # what came last came in part
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    return FeedReply(
        entries=entries,
        etag=etag if len(etag) <= _LONGEST_ETAG else "",
        modified=modified if len(modified) <= _LONGEST_DATE else "",
        title=plain_text(title),
        link=web_address(text(parsed.feed, "link"), url),
        channel_id=_channel_id(text(parsed.feed, "yt_channelid")),
        description=plain_text(text(parsed.feed, "subtitle")),
        picture=web_address(text(parsed.feed.get("image"), "href"), url),
    )


def looks_like_feed(body: bytes) -> bool:
    """Whether a document begins as feeds do, and not as web pages do."""
    beginning = _without_zeros(body[:_BEGINNING])
    return bool(_ROOT.search(beginning)) and not _PAGE.match(beginning)


@dataclass
class FeedSource:
    """Reads channels that are nothing but a feed."""

    door: Door

    def resolve(self, address: Address) -> Identity:
        """Who publishes the feed at an address, in one request. Raises ParseError when there is no feed."""
        return self.resolve_linked(address.url, address)

    def resolve_linked(self, feed_url: str, address: Address) -> Identity:
        """The same for a feed that the page at `address` links to."""
        return feed_identity(read_feed(self.door, feed_url), feed_url, address)

    def channel_of(self, video_url: str) -> tuple[str, str]:
        """A feed knows no single entries. Raises UnsupportedError."""
        raise errors.UnsupportedError(f"{video_url} is in a feed, which cannot be asked for one entry.")

    def pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:  # noqa: ARG002
        """The feed, in one page. Raises ParseError, ScrapeError."""
        reply = read_feed(self.door, url)
        in_hand(len(reply.entries))
        yield Page(reply.entries, None, identity=feed_identity(reply, url, parse_address(url)))

    def details(self, video_url: str) -> Details:
        """A feed says all it knows at once. Raises UnsupportedError."""
        raise errors.UnsupportedError(f"{video_url} is in a feed, which says all it knows in its list.")


def feed_identity(reply: FeedReply, feed_url: str, address: Address) -> Identity:
    """Who publishes the feed at `feed_url`, to which `address` leads."""
    host = urlsplit(feed_url).hostname or feed_url
    return Identity(
        platform="feed",
        external_id=_bounded(_feed_id(feed_url)),
        name=(reply.title or host)[:300],
        url=reply.link if 0 < len(reply.link) <= LONGEST else address.url,
        description=reply.description,
        avatar_url=reply.picture,
        feed_url=feed_url,
        keys=alias_keys([address, parse_address(feed_url)]),
        tabs=[TabAddress(TabKind.VIDEOS, feed_url)],
    )


def _feed_id(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _entries(parsed: Any, url: str) -> list[Entry]:
    made = [_youtube_entry(item) if "yt_videoid" in item else _entry(item, url) for item in parsed.entries]
    return [entry for entry in made if entry is not None]


def _youtube_entry(item: Mapping[str, Any]) -> Entry | None:
    video_id = text(item, "yt_videoid")
    if not video_id:
        return None
    is_short = "/shorts/" in text(item, "link")
    picture = _first(item, "media_thumbnail", "url")
    return Entry(
        external_id=video_id,
        url=f"https://www.youtube.com/{'shorts/' if is_short else 'watch?v='}{video_id}",
        title=text(item, "title"),
        description=text(item, "summary"),
        # The same picture is given from another host at every visit.
        thumbnail_url=_YOUTUBE_PICTURE.sub("//i.ytimg.com/", picture),
        kind=Kind.SHORT if is_short else "",
        view_count=_whole(text(item.get("media_statistics"), "views")),
        like_count=_whole(text(item.get("media_starrating"), "count")),
        **_published(item),
    )


def _entry(item: Mapping[str, Any], url: str) -> Entry | None:
    entry_id, link = text(item, "id") or text(item, "link"), web_address(text(item, "link"), url)
    if not entry_id:
        return None
    if not _WORLDWIDE.match(entry_id):
        entry_id = f"{_feed_id(url)}#{entry_id}"
    summary = text(item, "summary") or _first(item, "content", "value")
    is_plain = text(item.get("summary_detail"), "type") == "text/plain"
    return Entry(
        external_id=_bounded(entry_id),
        url=link or web_address(_first(item, "links", "href"), url),
        title=plain_text(text(item, "title")),
        description=summary if is_plain else plain_text(summary),
        thumbnail_url=web_address(_picture(item), url),
        duration_seconds=_duration(text(item, "itunes_duration") or _first(item, "media_content", "duration")),
        **_published(item),
    )


def _picture(item: Mapping[str, Any]) -> str:
    enclosed = [
        text(link, "href")
        for link in item.get("links") or ()
        if text(link, "rel") == "enclosure" and text(link, "type").startswith("image/")
    ]
    return _first(item, "media_thumbnail", "url") or next(iter(enclosed), "") or text(item.get("image"), "href")


def _published(item: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry about its date, which feedparser gives in UTC."""
    for name in ("published", "updated"):
        moment = item.get(f"{name}_parsed") if name in item else None
        if not moment:
            continue
        try:
            published_at = datetime.fromtimestamp(calendar.timegm(moment), UTC)
        except (ValueError, OverflowError):  # a year that there is not
            continue
        precision = Precision.EXACT if ":" in text(item, name) else Precision.DAY
        return {"published_at": published_at, "published_precision": precision, "published_source": "feed"}
    return {}


def _duration(said: str) -> int | None:
    """Seconds of `1:02:03`, `62:03`, `3723` or `3723.5`."""
    found = _DURATION.fullmatch(said.strip())
    if not found:
        return None
    hours, minutes, seconds = (int(group or 0) for group in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _channel_id(said: str) -> str:
    # The feed of a channel leaves out the UC that its entries have.
    return said if not said or said.startswith("UC") else f"UC{said}"


def _bounded(name: str) -> str:
    """An id that a column can hold; one that is too long, by its digest, because cut ones could be the same."""
    return name if len(name) <= MAX_ID else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def _first(item: Mapping[str, Any], name: str, member: str) -> str:
    listed = item.get(name)
    return next((said for part in listed if (said := text(part, member))), "") if isinstance(listed, list) else ""


def _whole(said: str) -> int | None:
    return int(said) if said.isdecimal() and said.isascii() and len(said) < len(str(MAX_COUNT)) else None


def _without_zeros(body: bytes) -> bytes:
    return body.replace(b"\x00", b"")  # UTF-16 and UTF-32 become readable enough
