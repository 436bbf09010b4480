"""Videos."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.utils import timezone

from channels.edits import keep_upstream
from channels.models import Channel
from nisam.freshness.models import FreshModel, Group
from nisam.lib.slugs import unique_slug
from videos.models.kinds import Availability, Kind, LiveStatus, Precision
from videos.models.queryset import VideoQuerySet
from videos.models.shown import IN_LISTS, ON_ITS_PAGE
from videos.models.taxonomy import Category, Tag

# What an operator may edit against the platform; it stays as edited, and the platform's value is kept in `upstream`.
EDITABLE = ("title", "description", "thumbnail_url", "kind")


def _by(field: str, name: str) -> models.Index:
    """An index to list the catalogue by a field. With all that relations repeat: of a category's videos, the first of
    such a list are found in this index and the relation's, and no video is looked at that is not shown."""
    return models.Index(fields=[field, "id", "published_at", "is_deleted"], condition=Q(deleted_at=None), name=name)


class Video(FreshModel):
    """One video of a channel.

    `published_at` is always set, so that it can order: without a better date it is when the video was first seen.
    """

    shown_in = {
        Group.VIDEOS: frozenset({*IN_LISTS, *ON_ITS_PAGE, "channel", "deleted_at"}),
        Group.HERO: frozenset({"featured_at", "deleted_at"}),
        Group.TAXONOMY: frozenset({"deleted_at"}),  # the counts of categories and tags
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="videos", db_index=False)
    platform = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    slug = models.CharField(max_length=120, unique=True, editable=False)
    url = models.URLField(max_length=1000)
    title = models.CharField(max_length=1000, blank=True)
    description = models.TextField(blank=True)
    thumbnail_url = models.URLField(max_length=1000, blank=True)
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.VIDEO)
    live_status = models.CharField(max_length=11, choices=LiveStatus, blank=True)
    availability = models.CharField(max_length=15, choices=Availability, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    view_count = models.PositiveBigIntegerField(null=True, blank=True)
    like_count = models.PositiveBigIntegerField(null=True, blank=True)
    own_views = models.PositiveBigIntegerField(default=0, editable=False, help_text="Counted on this site.")
    own_likes = models.PositiveBigIntegerField(default=0, editable=False, help_text="Given on this site.")
    total_views = models.GeneratedField(
        expression=Coalesce("view_count", 0) + F("own_views"),
        output_field=models.BigIntegerField(),
        db_persist=True,
        editable=False,
    )
    trend = models.FloatField(
        default=0, editable=False, help_text="Orders by views gained lately: see videos/trend.py. 0: none."
    )
    featured_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When an operator put it at the top of the site."
    )
    published_at = models.DateTimeField()
    published_precision = models.PositiveSmallIntegerField(choices=Precision, default=Precision.UNKNOWN)
    published_source = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_deleted = models.GeneratedField(
        expression=IsNull(F("deleted_at"), False), output_field=models.BooleanField(), db_persist=True, editable=False
    )
    chapters = models.JSONField(default=list, blank=True, help_text="[{start, end: seconds, title}], in order.")
    caption_languages = models.JSONField(
        default=dict, blank=True, help_text="{manual: [language, …], automatic: [language, …]}."
    )
    unavailable_code = models.CharField(max_length=40, blank=True, help_text="Why it cannot be watched, as a word.")
    unavailable_reason = models.TextField(blank=True, help_text="Why it cannot be watched, in the platform's words.")
    upstream = models.JSONField(
        default=dict, blank=True, editable=False, help_text="What the platform says of fields an operator has edited."
    )
    details_due_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When its page is to be read, for what no list says."
    )
    details_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When its page was last read.")
    details_failures = models.PositiveSmallIntegerField(default=0, editable=False)
    categories = models.ManyToManyField(Category, through="VideoCategory", related_name="videos", blank=True)
    tags = models.ManyToManyField(Tag, through="VideoTag", related_name="videos", blank=True)

    objects = VideoQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-published_at", "-id")
        constraints = [
            # The identity every ingest upserts on.
            models.UniqueConstraint(fields=["platform", "external_id"], name="video_identity"),
            # What rows elsewhere repeat of a video refers to it: see nisam/lib/constraints.py.
            models.UniqueConstraint(fields=["id", "published_at", "is_deleted"], name="video_repeated"),
        ]
        indexes = [
            # GET /api/videos, newest first and oldest first; with all that relations repeat, their counts.
            models.Index(
                fields=["published_at", "id", "is_deleted"], condition=Q(deleted_at=None), name="video_by_date"
            ),
            # GET /api/videos?channelId=, and a channel's count of videos.
            models.Index(
                fields=["channel", "published_at", "id"],
                condition=Q(deleted_at=None),
                name="video_by_channel",
            ),
            # GET /api/videos?channelId=&sort=views, of a channel with very many.
            models.Index(
                fields=["channel", "total_views", "id"], condition=Q(deleted_at=None), name="video_by_channel_views"
            ),
            # GET /api/videos?kind= and /api/shorts.
            models.Index(fields=["kind", "published_at", "id"], condition=Q(deleted_at=None), name="video_by_kind"),
            # GET /api/videos?platform=, of which some may have few videos among very many.
            models.Index(
                fields=["platform", "published_at", "id"], condition=Q(deleted_at=None), name="video_by_platform"
            ),
            # GET /api/videos?sort=createdAt, views and popularity; the carousels of the same.
            _by("created_at", "video_by_creation"),
            _by("total_views", "video_by_views"),
            _by("trend", "video_by_trend"),
            # GET /api/videos/hero.
            models.Index(
                fields=["featured_at"],
                condition=Q(featured_at__isnull=False, deleted_at=None),
                name="video_featured",
            ),
            # The dispatcher's question, each minute: whose page is to be read?
            models.Index(
                fields=["details_due_at"],
                condition=Q(details_due_at__isnull=False, deleted_at=None),
                name="video_details_due",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.external_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new video its slug."""
        self.slug = self.slug or unique_slug(self.title, self.id, "video")
        super().save(*args, **kwargs)

    @property
    def duration_text(self) -> str:
        """The duration as people write it, 1:02:03 or 4:05; empty when it is not known."""
        if self.duration_seconds is None:
            return ""
        minutes, seconds = divmod(self.duration_seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    def edit(self, **changes: Any) -> None:
        """Save what an operator changes (EDITABLE fields, rows of `categories` and `tags`); it stays as edited."""
        with transaction.atomic():
            stored = Video.objects.select_for_update(no_key=True).get(pk=self.pk)
            self.upstream = stored.upstream
            for name, value in changes.items():
                if name in EDITABLE:
                    keep_upstream(self.upstream, name, getattr(stored, name), value)
                    setattr(self, name, value)
                else:
                    related = getattr(self, name)
                    before, after = (sorted(row.name for row in rows) for rows in (related.all(), value))
                    keep_upstream(self.upstream, name, before, after)
                    related.set(value)
            self._save_edited(stored, changes)

    def give_back(self) -> list[str]:
        """Let the platform's values count again for all that an operator has edited; returns those fields' names."""
        with transaction.atomic():
            stored = Video.objects.select_for_update(no_key=True).get(pk=self.pk)
            for name, value in stored.upstream.items():
                if name in EDITABLE:
                    setattr(self, name, value)
                else:
                    related = getattr(self, name)
                    related.set(related.model.objects.named(value))
            self.upstream = {}
            self._save_edited(stored, stored.upstream)
        return list(stored.upstream)

    def feature(self) -> None:
        """Show it at the top of the site, instead of any other."""
        now = timezone.now()
        Video.objects.filter(pk=self.pk).update(featured_at=now)
        # A transaction of its own: the latest counts, so a stop before it does no harm.
        Video.objects.filter(featured_at__lt=now).update(featured_at=None)

    def _save_edited(self, stored: "Video", names: Iterable[str]) -> None:
        """Save these fields; a title that is new makes a new slug, and the old address leads to it."""
        plain = [name for name in names if name in EDITABLE]
        slug = unique_slug(self.title, self.pk, "video")
        if "title" in plain and self.title != stored.title and slug != stored.slug:
            self.former_slugs.filter(slug=slug).delete()
            self.former_slugs.create(slug=stored.slug)
            self.slug = slug
            plain.append("slug")
        self.updated_at = timezone.now()
        self.save(update_fields=[*plain, "upstream", "updated_at"])
