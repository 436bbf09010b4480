"""Which videos have which tags and categories."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models, transaction

from nisam.lib.constraints import Repeats
from videos.models.taxonomy import Category, Tag
from videos.models.video import Video


class RelationQuerySet(models.QuerySet[Any]):
    """Rows of a relation; writing some locks their videos first, in the order in which everybody locks them.

    Who changes a video's date waits for us or we for them, and as the database then changes the rows of its relations
    too, locking these before the video would deadlock.
    """

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Insert; those that are there already stay. Also what `video.tags.add(…)` does.

        Raises IntegrityError where there is no such video.
        """
        rows = list(objs)
        options["ignore_conflicts"] = True
        with transaction.atomic(using=self.db, savepoint=False):
            _repeat(rows, self.db)
            return super().bulk_create(rows, *args, **options)

    def _raw_delete(self, using: str | None) -> int:
        """Delete without looking at the rows, as Django does where nothing hangs on them."""
        with transaction.atomic(using=using, savepoint=False):
            _locked(self.order_by().values("video_id"), using)
            gone: int = super()._raw_delete(using)
        return gone


class Relation(models.Model):
    """That a video has something, with what orders and hides the video: so a list of it is read in its own index."""

    video: Any
    published_at = models.DateTimeField(editable=False, help_text="The video's.")
    is_deleted = models.BooleanField(editable=False, help_text="The video's.")

    objects = RelationQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save_base(self, *args: Any, **options: Any) -> None:
        """With what the video says."""
        using = options.get("using")
        with transaction.atomic(using=using, savepoint=False):
            _repeat([self], using)
            super().save_base(*args, **options)


class VideoTag(Relation):
    """That a video has a tag."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="tag_rows", db_index=False, db_constraint=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)

    class Meta(Relation.Meta):
        constraints = [
            models.UniqueConstraint(fields=["video", "tag"], name="videotag_once"),
            Repeats(foreign_key="video", fields=["published_at", "is_deleted"], name="videotag_repeats_video"),
        ]
        # GET /api/videos?tagName=, and a tag's number of videos.
        indexes = [models.Index(fields=["tag", "published_at", "video", "is_deleted"], name="videotag_by_date")]

    def __str__(self) -> str:
        return f"{self.video_id}: {self.tag_id}"


class VideoCategory(Relation):
    """That a video is in a category."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="category_rows", db_index=False, db_constraint=False)
    category = models.ForeignKey(Category, models.CASCADE, related_name="+", db_index=False)

    class Meta(Relation.Meta):
        constraints = [
            models.UniqueConstraint(fields=["video", "category"], name="videocategory_once"),
            Repeats(foreign_key="video", fields=["published_at", "is_deleted"], name="videocategory_repeats_video"),
        ]
        # GET /api/videos?categoryId=, and a category's number of videos.
        indexes = [
            models.Index(fields=["category", "published_at", "video", "is_deleted"], name="videocategory_by_date")
        ]

    def __str__(self) -> str:
        return f"{self.video_id}: {self.category_id}"


def _repeat(rows: Sequence[Any], using: str | None) -> None:
    """Let these rows say what their videos say, which stays so until the transaction ends."""
    videos = _locked({row.video_id for row in rows}, using)
    for row in rows:
        row.published_at, row.is_deleted = videos.get(row.video_id, (None, None))


def _locked(video_ids: Any, using: str | None) -> dict[Any, tuple[Any, bool]]:
    videos = Video.objects.using(using).filter(pk__in=video_ids).locked()
    return {pk: (date, gone) for pk, date, gone in videos.values_list("pk", "published_at", "is_deleted")}
