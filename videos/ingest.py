"""Writing entries into the catalogue: one statement per page that tells inserted, updated and unchanged apart.

The statement is `INSERT … ON CONFLICT DO UPDATE … WHERE something differs RETURNING id`, the same on PostgreSQL and
SQLite. A row that comes back with the id made here was inserted, with another id updated, and not at all unchanged.
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone

from channels.models import Channel, unique_slug
from videos.models import Kind, Precision, Video

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


# What happens to each column of a row that exists: a value that says nothing never overwrites one that does.
_KEEP = "{table}.{column}"
_TEXT = "COALESCE(NULLIF(excluded.{column}, ''), {table}.{column})"
# "video" is the least that can be said of a kind: it never overwrites "short" or "live".
_KIND = "CASE WHEN excluded.{column} = 'video' THEN {table}.{column} ELSE excluded.{column} END"
_NUMBER = "COALESCE(excluded.{column}, {table}.{column})"
_BETTER_DATE = (
    "CASE WHEN excluded.published_precision > {table}.published_precision"
    " OR (excluded.published_precision = 3 AND {table}.published_precision = 3)"
    " THEN excluded.{column} ELSE {table}.{column} END"
)
_COLUMNS = {
    "id": _KEEP,
    "channel_id": _KEEP,
    "platform": _KEEP,
    "external_id": _KEEP,
    "slug": _KEEP,
    "url": _KEEP,
    "title": _TEXT,
    "description": _TEXT,
    "thumbnail_url": _TEXT,
    "kind": _KIND,
    "live_status": _TEXT,
    "availability": _TEXT,
    "duration_seconds": _NUMBER,
    "view_count": _NUMBER,
    "like_count": _NUMBER,
    "published_at": _BETTER_DATE,
    "published_precision": _BETTER_DATE,
    "published_source": _BETTER_DATE,
    "created_at": _KEEP,
    "updated_at": "excluded.{column}",
    "deleted_at": _KEEP,
}

# What is the same for every row of a page.
_OF_ALL = {
    "channel_id": "%(channel_id)s",
    "platform": "%(platform)s",
    "created_at": "%(now)s",
    "updated_at": "%(now)s",
    "deleted_at": "NULL",
}


def ingest(channel: Channel, entries: Iterable[Entry], *, position: int = 0) -> Ingested:
    """Upsert one page of a channel's entries; `position` is how many entries of the list came before it.

    An entry listed twice counts once. A date that is not known becomes the moment of the ingest, one second
    earlier per position, so that the list's own order is kept. Atomic by itself: it is one statement.
    """
    page = {_clean(entry.external_id)[:MAX_ID]: entry for entry in entries if entry.external_id}
    if not page:
        return Ingested(0, (), frozenset())
    now = timezone.now()
    places = {external_id: position + offset for offset, external_id in enumerate(page)}
    # Sorted, because two pages that lock the same rows in opposite orders would deadlock.
    rows = [_row(key, page[key], now - timedelta(seconds=places[key])) for key in sorted(page)]
    made = {row["id"] for row in rows}
    parameters = {
        "rows": json.dumps(rows, ensure_ascii=False, separators=(",", ":")),
        "channel_id": channel.pk.hex,
        "platform": channel.platform,
        "now": _written(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_upsert_sql(connection.vendor), parameters)
        returned = cursor.fetchall()
    saved = [Saved(row_id := _as_uuid(raw), name, title, row_id.hex in made) for raw, name, title in returned]
    saved.sort(key=lambda video: places[video.external_id])
    return Ingested(len(page), saved, frozenset(page) - {video.external_id for video in saved if video.inserted})


@cache
def _upsert_sql(vendor: str) -> str:
    """The statement: the same for every page, because the page is one JSON parameter."""
    table = Video._meta.db_table  # noqa: SLF001 - Django's documented Meta API
    new = {column: rule.format(table=table, column=column) for column, rule in _COLUMNS.items()}
    written = [column for column, rule in _COLUMNS.items() if rule != _KEEP]
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    compared = [column for column in written if column != "updated_at"]
    return (
        f"INSERT INTO {table} ({', '.join(_COLUMNS)}) {_rows_sql(vendor)}"
        f" ON CONFLICT (platform, external_id) DO UPDATE SET {', '.join(f'{name} = {new[name]}' for name in written)}"
        f" WHERE {table}.deleted_at IS NULL"
        f" AND ({' OR '.join(f'{table}.{name} {differs} {new[name]}' for name in compared)})"
        f" RETURNING id, external_id, title"
    )


def _rows_sql(vendor: str) -> str:
    """A SELECT of the page's rows: what differs between them from JSON, what does not from parameters."""
    own = [column for column in _COLUMNS if column not in _OF_ALL]
    if vendor == "postgresql":
        types = {field.column: field.db_type(connection) for field in Video._meta.concrete_fields}  # noqa: SLF001
        source = f"json_to_recordset(%(rows)s) AS page ({', '.join(f'{name} {types[name]}' for name in own)})"
        values = {name: name for name in own} | {name: f"CAST({_OF_ALL[name]} AS {types[name]})" for name in _OF_ALL}
    else:
        source = "json_each(%(rows)s) WHERE true"  # without a WHERE, the ON that follows would be a join's
        values = {name: f"json_extract(value, '$.{name}')" for name in own} | _OF_ALL
    return f"SELECT {', '.join(values[name] for name in _COLUMNS)} FROM {source}"  # noqa: S608 - our own columns


def _written(moment: datetime) -> str:
    """A time as PostgreSQL reads it and as Django stores it on SQLite."""
    text = str(moment.astimezone(UTC).replace(tzinfo=None))
    return f"{text}+00" if connection.vendor == "postgresql" else text


def _row(external_id: str, entry: Entry, first_seen: datetime) -> dict[str, Any]:
    """An entry's columns; what no column can hold is cut or left unsaid: absurd counts, endless or broken text."""
    row_id = uuid.uuid4()
    title = _clean(entry.title)[:MAX_TITLE]
    known_date = entry.published_at is not None
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
        "view_count": _within(entry.view_count, MAX_COUNT),
        "like_count": _within(entry.like_count, MAX_COUNT),
        "published_at": _written(entry.published_at or first_seen),
        "published_precision": entry.published_precision if known_date else Precision.UNKNOWN,
        "published_source": entry.published_source if known_date else "",
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
