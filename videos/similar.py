"""Videos that are like another one."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from videos.models import Video, VideoQuerySet, VideoTag

MOST = 12
# A tag of more videos says little of any, and costs much to follow.
RARE = 300


def similar(video: Video, limit: int) -> list[Any]:
    """The videos that share most of its rarer tags, newest first among equals, then the newest of its channel.

    Three statements, bounded by RARE rows a tag, and one for the rows.
    """
    others = Video.objects.in_catalogue().exclude(pk=video.pk)
    shared = _sharing(_rare_tags(video), others)[:limit]
    chosen: list[UUID] = list(shared)
    if len(chosen) < limit:
        of_channel = others.filter(channel=video.channel_id).exclude(pk__in=chosen).newest_first()
        chosen += of_channel.values_list("pk", flat=True)[: limit - len(chosen)]
    found = Video.objects.shown_by_id(chosen)
    return [found[one] for one in chosen if one in found]


def _rare_tags(video: Video) -> list[int]:
    joined = VideoTag.objects
    # Not counted: whether there is one row too many ends where RARE does.
    one_too_many = joined.filter(tag_id=OuterRef("tag_id"))[RARE : RARE + 1]
    return list(joined.filter(~Exists(one_too_many), video_id=video.pk).values_list("tag_id", flat=True))


def _sharing(tags: list[int], others: VideoQuerySet) -> QuerySet[Video, UUID]:
    shared = others.filter(tags__in=tags).annotate(shared=Count("pk"))
    return shared.order_by("-shared", "-published_at", "-id").values_list("pk", flat=True)
