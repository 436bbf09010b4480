"""Writing videos' documents, in the transaction of what changed them, so that a search is never stale."""

import json
import uuid
from collections.abc import Collection, Sequence
from hashlib import blake2b
from types import ModuleType
from typing import Any

from django.db import connection, transaction

from videos.models import Video
from videos.search import postgresql, sqlite
from videos.search.terms import channel_word
from videos.search.tokens import words

# Of a description; what stands further down is mostly the same under all videos of a channel.
DESCRIPTION_LETTERS = 5000
Source = tuple[Any, Any, str, str, str | None, str | None, str, int | None]
# Each name is looked up by itself: joined, a database without statistics reads all names for every video.
_TAG = "(SELECT t.name FROM videos_tag t WHERE t.id = r.tag_id)"
_CATEGORY = "(SELECT t.name FROM videos_category t WHERE t.id = r.category_id)"
_SOURCES = """
SELECT v.id, v.channel_id, v.title, c.name,
  (SELECT {tags} FROM videos_videotag r WHERE r.video_id = v.id),
  (SELECT {categories} FROM videos_videocategory r WHERE r.video_id = v.id),
  substr(v.description, 1, %(letters)s), d.digest
FROM videos_video v JOIN channels_channel c ON c.id = v.channel_id
LEFT JOIN videos_searchdocument d ON d.video_id = v.id
WHERE v.id {among} ORDER BY v.id"""


def index(video_ids: Collection[uuid.UUID]) -> int:
    """Write the documents of these videos anew where they differ; returns how many did.

    Three statements on PostgreSQL whatever the number. Raises TransactionManagementError outside a transaction.
    """
    # First locked, then read: who changes one of them at this moment indexes it before or after us, not in between.
    locked = Video.objects.filter(pk__in=video_ids).locked()
    return index_locked(list(locked.values_list("pk", flat=True)))


def index_locked(video_ids: Collection[uuid.UUID], new: Sequence[Source] = ()) -> int:
    """The same for rows that the transaction has written or locked already; two statements.

    `new` are videos that it has just made: one statement, if there are no others.
    """
    found = [*new, *(sources(video_ids) if video_ids else ())]
    changed = [document for source in found if (document := _document(source))]
    if changed:
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            vendor().write(cursor, changed)
    return len(changed)


def sources(video_ids: Collection[uuid.UUID]) -> list[Source]:
    """(id, channel's id, title, channel, tags, categories, description, digest) of each of these videos, by id."""
    with connection.cursor() as cursor:
        tags, categories = (vendor().JOINED.format(name) for name in (_TAG, _CATEGORY))
        sql = _SOURCES.format(tags=tags, categories=categories, among=vendor().AMONG_IDS)
        cursor.execute(sql, {"ids": json.dumps([one.hex for one in video_ids]), "letters": DESCRIPTION_LETTERS})
        return list(cursor.fetchall())


def names_of(source: Source) -> list[str]:
    """The words of a video's channel, tags and categories, in an order that does not change by itself."""
    _, _, _, channel, tags, categories, *_ = source
    return [word for text in (channel, *_sorted(tags), *_sorted(categories)) for word in words(text)]


def _document(source: Source) -> dict[str, Any] | None:
    """What is to be written of a video; None when it is there already."""
    video_id, channel_id, title, channel, tags, categories, description, known = source
    own = channel_word(channel_id)
    parts = (own, title, channel, *_sorted(tags), "", *_sorted(categories), "", description)
    digest = int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest(), signed=True)
    if digest == known:
        return None
    return {
        "video_id": str(video_id),
        "digest": digest,
        **vendor().fields(words(title), [*names_of(source), own], words(description)),
    }


def _sorted(joined: str | None) -> list[str]:
    return sorted(joined.split("\n")) if joined else []


def vendor() -> ModuleType:
    """The module of the database in use."""
    return postgresql if connection.vendor == "postgresql" else sqlite
