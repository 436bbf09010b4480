"""Likes and views of this site's visitors.

Nothing here writes a video, so that no like or view makes a page stale: `videos/merge_reactions.py` does, in steps.
"""

import uuid
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from videos.models import Like, LikesChanged, Video, View

_HALF_HOUR = 1800
_LIKE, _CHANGED = (model._meta.db_table for model in (Like, LikesChanged))  # noqa: SLF001 - Django's documented Meta API


def like(video_id: uuid.UUID, visitor: str) -> None:
    """A visitor likes a video, once however often it is said. Raises IntegrityError when the video goes meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_LIKE} (video_id, visitor, created_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",  # noqa: S608 - our own table
            [_column("video", video_id), visitor, _column("created_at", timezone.now())],
        )
        if cursor.rowcount:
            _likes_changed(video_id)


def unlike(video_id: uuid.UUID, visitor: str) -> None:
    """A visitor likes a video no more. Raises IntegrityError when the video goes meanwhile."""
    with transaction.atomic():
        gone, _ = Like.objects.filter(video=video_id, visitor=visitor).delete()
        if gone:
            _likes_changed(video_id)


def is_liked(video_id: uuid.UUID, visitor: str | None) -> bool:
    """Whether a visitor likes a video."""
    return visitor is not None and Like.objects.filter(video=video_id, visitor=visitor).exists()


def likes_count(video: Video) -> int:
    """The likes of a video on its platform and here, the latter as they are at this moment."""
    return (video.like_count or 0) + Like.objects.filter(video=video).count()


def watched(video_id: uuid.UUID, visitor: str) -> None:
    """A visitor watched a video; counts once in half an hour. Raises IntegrityError when the video goes meanwhile."""
    view = View(video_id=video_id, visitor=visitor, half_hour=half_hour_now())
    View.objects.bulk_create([view], ignore_conflicts=True)


def half_hour_now() -> int:
    """The present half hour, in half hours since 1970."""
    return int(timezone.now().timestamp()) // _HALF_HOUR


def _likes_changed(video_id: uuid.UUID) -> None:
    """Have the video's likes counted again.

    A mark that is there is written again, which locks it: whoever counts the likes takes the mark away first, and so
    waits until this transaction's like can be seen. DO NOTHING would let it count without this like.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_CHANGED} (video_id) VALUES (%s)"  # noqa: S608 - our own table
            " ON CONFLICT (video_id) DO UPDATE SET video_id = excluded.video_id",
            [_column("video", video_id)],
        )


def _column(name: str, value: object) -> Any:
    """A value of a like as the database takes it."""
    field: Any = Like._meta.get_field(name)  # noqa: SLF001 - Django's documented Meta API
    return field.get_db_prep_save(value, connection)
