"""Bringing likes and views into the catalogue, many at a time: each step makes the pages of videos stale once."""

import json
import uuid
from collections.abc import Collection, Mapping
from functools import cache

from django.db import connection, transaction
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from nisam.freshness.models import Group
from nisam.freshness.touch import touch
from videos.models import Like, LikesChanged, Video, View
from videos.reactions import half_hour_now
from videos.trend import half_lives, risen_sql

# A step is one transaction of at most so many videos.
VIDEOS_A_STEP = 5000
_VIDEO, _VIEW = (model._meta.db_table for model in (Video, View))  # noqa: SLF001 - Django's documented Meta API


def merge_reactions() -> int:
    """Bring likes and views into the catalogue; returns how many videos it looked at.

    Several at once do no harm: each takes the videos that no other holds.
    """
    looked_at, last = 0, uuid.UUID(int=0)
    while ids := _to_merge(after=last):
        _step(ids)
        looked_at, last = looked_at + len(ids), ids[-1]
    # One half hour longer than needed: a slow request may still be about to say that it belongs to the last one.
    View.objects.filter(is_counted=True, half_hour__lt=half_hour_now() - 1).delete()
    return looked_at


def _to_merge(after: uuid.UUID) -> list[uuid.UUID]:
    """The next videos, by id, of which there is something to merge."""
    liked = LikesChanged.objects.filter(video__gt=after).order_by("video_id")
    seen = View.objects.filter(is_counted=False, video__gt=after).order_by("video_id")
    found = {
        *liked.values_list("video_id", flat=True)[:VIDEOS_A_STEP],
        *seen.values_list("video_id", flat=True).distinct()[:VIDEOS_A_STEP],
    }
    return sorted(found)[:VIDEOS_A_STEP]


def _step(ids: Collection[uuid.UUID]) -> None:
    with transaction.atomic():
        # What somebody else writes at this moment waits for the next merge: so nobody waits, and nothing can deadlock.
        free = Video.objects.filter(pk__in=ids).order_by().select_for_update(skip_locked=True, no_key=True)
        mine = list(free.values_list("pk", flat=True))
        _count_likes(mine)
        _add_views(_take_views(mine))


def _count_likes(ids: Collection[uuid.UUID]) -> None:
    """Count the likes again of those videos whose likes changed.

    The marks go first: that waits for everybody who set one and has not committed yet, and what they did is seen by
    the count. Whoever comes later sets a new mark.
    """
    marks = LikesChanged.objects.filter(video__in=ids)
    changed = list(marks.select_for_update().values_list("video_id", flat=True))
    LikesChanged.objects.filter(video__in=changed).delete()
    likes = Like.objects.filter(video=OuterRef("pk")).order_by().values("video").annotate(number=Count("*"))
    counted = Coalesce(Subquery(likes.values("number"), output_field=IntegerField()), 0)
    Video.objects.filter(pk__in=changed).exclude(own_likes=counted).update(own_likes=counted)


def _take_views(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The views of these videos that were not counted yet, marked as counted."""
    new = View.objects.filter(video__in=ids, is_counted=False).order_by()
    if connection.vendor == "sqlite":  # one writer at a time: nothing comes between the two statements
        gained = dict(new.values_list("video").annotate(number=Count("*")))
        new.update(is_counted=True)
        return gained
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH counted AS (UPDATE {_VIEW} SET is_counted = true"  # noqa: S608 - our own table
            " WHERE video_id = ANY(%s) AND NOT is_counted RETURNING video_id)"
            " SELECT video_id, count(*) FROM counted GROUP BY video_id",
            [list(ids)],
        )
        return dict(cursor.fetchall())


def _add_views(gained: Mapping[uuid.UUID, int]) -> None:
    """Add views to the videos, in one statement."""
    if not gained:
        return
    rows = json.dumps([{"id": video_id.hex, "views": views} for video_id, views in gained.items()])
    with connection.cursor() as cursor:
        cursor.execute(_add_sql(connection.vendor), {"rows": rows, "now": half_lives(timezone.now())})
        if cursor.rowcount:
            touch(Group.VIDEOS)


@cache
def _add_sql(vendor: str) -> str:
    if vendor == "postgresql":
        gained = "json_to_recordset(%(rows)s) AS gained (id uuid, views bigint)"
    else:
        columns = "json_extract(value, '$.id') AS id, json_extract(value, '$.views') AS views"
        gained = f"(SELECT {columns} FROM json_each(%(rows)s)) AS gained"  # noqa: S608 - our own words
    return (
        f"UPDATE {_VIDEO} SET own_views = {_VIDEO}.own_views + gained.views,"  # noqa: S608 - our own table
        f" trend = {risen_sql(f'{_VIDEO}.trend', 'gained.views', '%(now)s')} FROM {gained}"
        f" WHERE {_VIDEO}.id = gained.id"
    )
