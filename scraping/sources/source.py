"""What every way of reading a platform offers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from channels.addresses import Address
from channels.follow import Identity
from videos.ingest import Entry

InHand = Callable[[int], None]


@dataclass(frozen=True)
class Page:
    """Some entries of a list, newest first, and where to go on after them; no cursor after the last page."""

    entries: Sequence[Entry]
    cursor: dict[str, Any] | None
    not_videos: int = 0
    # Whose list it is, where the reply says so; a degraded one does not.
    identity: Identity | None = None


@dataclass(frozen=True)
class CaptionFile:
    """Where a language's captions are: manual, by people, or auto, heard by a machine; `format` is json3 or vtt."""

    language: str
    source: Literal["manual", "auto"]
    format: str
    url: str


@dataclass(frozen=True)
class Details:
    """What a video's own page says, beside what a list can: a field that it does not name is empty.

    `chapters` are {start, end, title} with seconds; `captions` are languages by kind, manual and automatic.
    `starts_at` is when an announced broadcast is to begin, `language` the one that is spoken.
    """

    entry: Entry
    channel_id: str = ""
    categories: Sequence[str] = ()
    tags: Sequence[str] = ()
    chapters: Sequence[Mapping[str, Any]] = ()
    captions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    caption_files: Sequence[CaptionFile] = ()
    language: str = ""
    starts_at: datetime | None = None


class Source(Protocol):
    """Reads one platform. Every failure is raised as a ScrapeError (or AddressError, when the address is at fault)."""

    def resolve(self, address: Address) -> Identity:
        """Ask the platform which channel an address is, and which lists it has."""
        ...

    def channel_of(self, video_url: str) -> tuple[str, str]:
        """(name, address) of the channel that a video is in."""
        ...

    def pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:
        """Read a list lazily, a request per page, from its beginning or from a page's cursor.

        `in_hand` is told, as the entries of a page come in, how many there are.
        """
        ...

    def details(self, video_url: str) -> Details:
        """Read a video's own page, in one request."""
        ...
