"""Channels that are followed, their tabs, and the other names they are known by."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import slugify

from channels.addresses import Address


def unique_slug(name: str, row_id: uuid.UUID, fallback: str) -> str:
    """A readable slug that the row's id makes unique, so that no query has to look for a free one."""
    return f"{slugify(name, allow_unicode=True)[:80].strip('-') or fallback}-{row_id.hex[:8]}"


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Questions about many channels."""

    def known_as(self, address: Address) -> Self:
        """The channel that an address is an alias of, if it is known."""
        return self.filter(aliases__key=address.key)

    def to_resolve(self, now: datetime) -> Self:
        """Channels of which it is time to ask again who they are."""
        return self.filter(resolve_at__lte=now, is_active=True).order_by("resolve_at")

    def with_video_count(self) -> Self:
        """Adds `video_count`: how many videos visitors see; a query, so that it cannot drift."""
        videos = Channel._meta.get_field("videos").related_model._base_manager  # noqa: SLF001 - the app above owns it
        counted = videos.filter(channel=OuterRef("pk"), deleted_at=None).order_by().values("channel")
        count = counted.annotate(count=Count("pk")).values("count")
        return self.annotate(video_count=Coalesce(Subquery(count), 0))

    def with_next_check(self) -> Self:
        """Adds `next_check_at`: when the first of a channel's tabs is looked at next."""
        tabs = ChannelTab.objects.filter(channel=OuterRef("pk"), next_check_at__isnull=False)
        first = tabs.order_by("next_check_at").values("next_check_at")[:1]
        return self.annotate(next_check_at=Subquery(first))

    def in_catalogue(self) -> Self:
        """Channels that visitors may see: those whose identity is known."""
        return self.filter(external_id__isnull=False)


class Channel(models.Model):
    """A source that is followed. Until its address is resolved it has no `external_id`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    platform = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=200, null=True, blank=True, editable=False)  # noqa: DJ001 - NULLs are distinct in the unique constraint
    slug = models.CharField(max_length=120, unique=True, editable=False)
    name = models.CharField(max_length=300)
    handle = models.CharField(max_length=120, blank=True)
    url = models.URLField(max_length=500)
    description = models.TextField(blank=True)
    avatar_url = models.URLField(max_length=1000, blank=True)
    follower_count = models.PositiveBigIntegerField(null=True, blank=True)
    is_active = models.BooleanField("followed", default=True, help_text="Paused channels keep their videos.")
    interval_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How often to look for new videos; empty: NISAM_SCRAPE_INTERVAL_MINUTES.",
    )
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error_message = models.TextField(blank=True, editable=False)
    last_scraped_at = models.DateTimeField(null=True, blank=True, editable=False)
    resolve_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When to ask again who an unresolved channel is."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["platform", "external_id"], name="channel_identity"),
        ]
        indexes = [
            # GET /api/channels in its default order.
            models.Index(fields=["name", "id"], name="channel_by_name"),
            # The dispatcher's other question: who is still to be resolved?
            models.Index(fields=["resolve_at"], condition=Q(resolve_at__isnull=False), name="channel_to_resolve"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new channel its slug."""
        self.slug = self.slug or unique_slug(self.name, self.id, "channel")
        super().save(*args, **kwargs)

    @property
    def is_resolved(self) -> bool:
        """Whether the platform has told who this channel is."""
        return self.external_id is not None


class TabKind(models.TextChoices):
    """The lists of a channel."""

    VIDEOS = "videos"
    SHORTS = "shorts"
    STREAMS = "streams"


class ChannelTabQuerySet(models.QuerySet["ChannelTab"]):
    """Questions about many tabs."""

    def due(self, now: datetime) -> Self:
        """Tabs of followed channels that are to be looked at now, the longest due first."""
        followed = self.filter(next_check_at__lte=now, channel__is_active=True)
        return followed.order_by("next_check_at", "id")


class ChannelTab(models.Model):
    """One list of a channel, scheduled and failing on its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="tabs")
    kind = models.CharField(max_length=10, choices=TabKind)
    url = models.URLField(max_length=500)
    next_check_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    last_checked_at = models.DateTimeField(null=True, blank=True)
    last_full_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)

    objects = ChannelTabQuerySet.as_manager()

    class Meta:
        ordering = ("channel", "kind")
        constraints = [models.UniqueConstraint(fields=["channel", "kind"], name="channeltab_kind")]
        indexes = [
            # The dispatcher's question, each minute: what is due?
            models.Index(
                fields=["next_check_at", "id"],
                condition=Q(next_check_at__isnull=False),
                name="channeltab_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel.name} · {self.get_kind_display()}"

    def succeeded(self, *, next_check_at: datetime, full: bool) -> None:
        """Note a complete look at this list."""
        now = timezone.now()
        whole = {"last_full_at": now} if full else {}
        ChannelTab.objects.filter(pk=self.pk).update(
            last_checked_at=now, next_check_at=next_check_at, failures=0, error_code="", error_message="", **whole
        )

    def failed(self, code: str, message: str, *, next_check_at: datetime) -> None:
        """Note a look that failed, and when the next one is worth it."""
        ChannelTab.objects.filter(pk=self.pk).update(
            last_checked_at=timezone.now(),
            next_check_at=next_check_at,
            failures=F("failures") + 1,
            error_code=code,
            error_message=message,
        )


class ChannelAlias(models.Model):
    """Another form of a channel's address, or an old handle: whoever types it gets the same channel."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="aliases")
    key = models.CharField(max_length=600, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("created_at",)
        verbose_name_plural = "channel aliases"

    def __str__(self) -> str:
        return self.key
