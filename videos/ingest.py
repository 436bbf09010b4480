"""Writing entries into the catalogue: one statement per page that tells inserted, updated and unchanged apart.

A row that comes back with the id made here was inserted, with another id updated, and not at all unchanged.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from channels.models import Channel
from nisam.freshness.models import Group
from nisam.freshness.touch import touch
from nisam.lib.slugs import unique_slug
from videos.models import Kind, LiveStatus, Precision
from videos.search.index import DESCRIPTION_LETTERS, index_locked
from videos.trend import first_trend, half_lives
from videos.upsert import upsert_sql

# Platforms on which whoever publishes chooses the ids.
SELF_NAMED = {"feed", "peertube"}
MAX_COUNT = 2**63 - 1
MAX_SECONDS = 2**31 - 1
MAX_ID = 200
MAX_TITLE = 1000
MAX_URL = 1000


@dataclass(frozen=True)
class Entry:
    """One video as a list or a feed shows it. Empty text and None mean: not said."""

    external_id: str
    url: str
    title: str = ""
    description: str = ""
    thumbnail_url: str = ""
    kind: str = ""
    live_status: str = ""
    availability: str = ""
    duration_seconds: int | None = None
    view_count: int | None = None
    like_count: int | None = None
    published_at: datetime | None = None
    published_precision: Precision = Precision.UNKNOWN
    published_source: str = ""
    is_excerpt: bool = False
    """Whether its platform's lists leave out what a video's page says: captions, tags, the whole description."""

    @property
    def is_complete(self) -> bool:
        """Whether it says what the catalogue needs, so that the video's own page need not be asked."""
        if self.is_excerpt or self.live_status not in {"", LiveStatus.NOT_LIVE, LiveStatus.WAS_LIVE}:
            return False
        return self.published_precision == Precision.EXACT and self.duration_seconds is not None


@dataclass(frozen=True)
class Saved:
    """A video that a page inserted or updated."""

    id: uuid.UUID
    external_id: str
    title: str
    inserted: bool


@dataclass(frozen=True)
class Ingested:
    """What one page came to."""

    found: int
    saved: Sequence[Saved]
    known_ids: frozenset[str]

    @property
    def added(self) -> int:
        """Videos the catalogue did not have."""
        return sum(saved.inserted for saved in self.saved)

    @property
    def updated(self) -> int:
        """Videos of which something changed."""
        return len(self.saved) - self.added

    @property
    def unchanged(self) -> int:
        """Videos that stay as they were, tombstones among them."""
        return self.found - len(self.saved)


def ingest(
    channel: Channel,
    entries: Iterable[Entry],
    *,
    position: int = 0,
    have_details: bool = True,
    snippets: bool = False,
) -> Ingested:
    """Upsert one page of a channel's entries; `position` is how many entries of the list came before it.

    New videos whose entry is not complete are to be looked at on their own page, if they `have_details` there.
    `snippets` says that the descriptions may be cut.

    An entry listed twice counts once. A date that is not known becomes the moment of the ingest, one second
    earlier per position, so that the list's own order is kept. Atomic, its change of the content's version included.
    """
    page = {_clean(entry.external_id)[:MAX_ID]: entry for entry in entries if entry.external_id}
    if not page:
        return Ingested(0, (), frozenset())
    now = timezone.now()
    places = {external_id: position + offset for offset, external_id in enumerate(page)}
    # Sorted, because two pages that lock the same rows in opposite orders would deadlock.
    rows = [_row(key, page[key], now, now - timedelta(seconds=places[key])) for key in sorted(page)]
    if have_details:
        due = _written(now)
        for row in rows:
            row["details_due_at"] = None if page[row["external_id"]].is_complete else due
    made = {row["id"]: row for row in rows}
    parameters: dict[str, Any] = {
        "rows": orjson.dumps(rows).decode(),
        "channel_id": channel.pk.hex,
        "platform": channel.platform,
        "now": _written(now),
        "half_lives": half_lives(now),
        "snippets": snippets,
        "ids_are_safe": channel.platform not in SELF_NAMED,
    }
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(upsert_sql(connection.vendor), parameters)
        returned = cursor.fetchall()
        if returned:
            touch(Group.VIDEOS)
            _index(channel, returned, made)
    saved = [Saved(row_id := _as_uuid(raw), name, title, row_id.hex in made) for raw, name, title, *_ in returned]
    saved.sort(key=lambda video: places[video.external_id])
    return Ingested(len(page), saved, frozenset(page) - {video.external_id for video in saved if video.inserted})


def _index(channel: Channel, returned: Iterable[tuple[Any, ...]], made: Mapping[str, dict[str, Any]]) -> None:
    """Write the documents of a page; of its new videos all is known, others may have tags and more."""
    changed, new = [], []
    for raw, _, title, name in returned:
        row_id = _as_uuid(raw)
        if row := made.get(row_id.hex):
            new.append((raw, channel.pk, title, name, None, None, row["description"][:DESCRIPTION_LETTERS], None))
        else:
            changed.append(row_id)
    index_locked(changed, new)


def _written(moment: datetime) -> str:
    """A time as PostgreSQL reads it and as Django stores it on SQLite."""
    text = str(moment.astimezone(UTC).replace(tzinfo=None))
    return f"{text}+00" if connection.vendor == "postgresql" else text


def _row(external_id: str, entry: Entry, now: datetime, first_seen: datetime) -> dict[str, Any]:
    """An entry's columns; what no column can hold is cut or left unsaid: absurd counts, endless or broken text."""
    row_id = uuid.uuid4()
    title = _clean(entry.title)[:MAX_TITLE]
    known_date = entry.published_at is not None
    views = _within(entry.view_count, MAX_COUNT)
    return {
        "id": row_id.hex,
        "external_id": external_id,
        "slug": unique_slug(title, row_id, "video"),
        "url": _clean(entry.url)[:MAX_URL],
        "title": title,
        "description": _clean(entry.description),
        "thumbnail_url": _clean(entry.thumbnail_url) if len(entry.thumbnail_url) <= MAX_URL else "",
        "kind": entry.kind or Kind.VIDEO,
        "live_status": entry.live_status,
        "availability": entry.availability,
        "duration_seconds": _within(entry.duration_seconds, MAX_SECONDS),
        "view_count": views,
        "like_count": _within(entry.like_count, MAX_COUNT),
        "published_at": _written(entry.published_at or first_seen),
        "published_precision": entry.published_precision if known_date else Precision.UNKNOWN,
        "published_source": entry.published_source if known_date else "",
        "details_due_at": None,
        "trend": first_trend(views, entry.published_at, now),
    }


def _clean(text: str) -> str:
    """Text without NUL bytes, and with a question mark for each half of a character that lost its other half."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _within(number: int | None, largest: int) -> int | None:
    return number if number is not None and 0 <= number <= largest else None


def _as_uuid(raw: uuid.UUID | str) -> uuid.UUID:
    return raw if isinstance(raw, uuid.UUID) else uuid.UUID(raw)
