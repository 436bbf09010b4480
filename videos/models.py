"""The catalogue: videos, categories and tags."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from channels.models import Channel, unique_slug


class Kind(models.TextChoices):
    """What sort of video it is."""

    VIDEO = "video"
    SHORT = "short"
    LIVE = "live"


class LiveStatus(models.TextChoices):
    """Where a broadcast is in its life."""

    NOT_LIVE = "not_live"
    UPCOMING = "is_upcoming"
    LIVE = "is_live"
    POST_LIVE = "post_live"
    WAS_LIVE = "was_live"


class Availability(models.TextChoices):
    """Who may watch it, as far as it is known."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    MEMBERS_ONLY = "subscriber_only"
    PREMIUM = "premium_only"
    NEEDS_AUTH = "needs_auth"
    PRIVATE = "private"
    REMOVED = "removed"


class Precision(models.IntegerChoices):
    """How well a date of publication is known. A better one overwrites a worse one, never the reverse."""

    UNKNOWN = 0
    APPROXIMATE = 1
    DAY = 2
    EXACT = 3


class Category(models.Model):
    """A topic, as platforms name theirs."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint(Lower("name"), name="category_name")]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A keyword of a video."""

    name = models.CharField(max_length=100)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_name")]

    def __str__(self) -> str:
        return self.name


class VideoQuerySet(models.QuerySet["Video"]):
    """Questions about many videos."""

    def in_catalogue(self) -> Self:
        """Videos that visitors may see: those no operator has deleted."""
        return self.filter(deleted_at=None)

    def with_relations(self) -> Self:
        """With everything the API shows of a video, in three statements whatever the number."""
        return self.select_related("channel").prefetch_related("categories", "tags")

    def newest_first(self) -> Self:
        """The catalogue's order; total, because the id breaks ties."""
        return self.order_by("-published_at", "-id")

    def tombstone(self) -> int:
        """Delete as an operator does: hidden, and never ingested again until restored."""
        return self.in_catalogue().update(deleted_at=timezone.now())

    def restore(self) -> int:
        """Take an operator's deletion back."""
        return self.exclude(deleted_at=None).update(deleted_at=None)


class Video(models.Model):
    """One video of a channel.

    `published_at` is always set, so that it can order: without a better date it is when the video was first seen.
    """

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
    published_at = models.DateTimeField()
    published_precision = models.PositiveSmallIntegerField(choices=Precision, default=Precision.UNKNOWN)
    published_source = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    categories = models.ManyToManyField(Category, related_name="videos", blank=True)
    tags = models.ManyToManyField(Tag, related_name="videos", blank=True)

    objects = VideoQuerySet.as_manager()

    class Meta:
        ordering = ("-published_at", "-id")
        constraints = [
            # The identity every ingest upserts on.
            models.UniqueConstraint(fields=["platform", "external_id"], name="video_identity"),
        ]
        indexes = [
            # GET /api/videos, newest first and oldest first.
            models.Index(fields=["published_at", "id"], condition=Q(deleted_at=None), name="video_by_date"),
            # GET /api/videos?channelId=, and a channel's count of videos.
            models.Index(
                fields=["channel", "published_at", "id"],
                condition=Q(deleted_at=None),
                name="video_by_channel",
            ),
            # GET /api/videos?kind= and /api/shorts.
            models.Index(fields=["kind", "published_at", "id"], condition=Q(deleted_at=None), name="video_by_kind"),
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
