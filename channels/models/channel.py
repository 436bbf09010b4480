"""Channels that are followed, and the other names they are known by."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from channels.addresses import Address, AddressError, parse_address
from channels.edits import keep_upstream, refused
from nisam.freshness.models import FreshModel, FreshQuerySet, Group
from nisam.lib.slugs import unique_slug

# What an operator may edit against the platform; it stays as edited, and the platform's value is kept in `upstream`.
EDITABLE = ("name", "description")


class ChannelQuerySet(FreshQuerySet["Channel"]):
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
        tabs = Channel._meta.get_field("tabs").related_model._base_manager  # noqa: SLF001 - Django's documented Meta API
        checked = tabs.filter(channel=OuterRef("pk"), next_check_at__isnull=False)
        first = checked.order_by("next_check_at").values("next_check_at")[:1]
        return self.annotate(next_check_at=Subquery(first))

    def in_catalogue(self) -> Self:
        """Channels that visitors may see: those whose identity is known."""
        return self.filter(external_id__isnull=False)

    def named(self, typed: str) -> "Channel | None":
        """The channel that somebody means by a slug, an address or a handle; None when there is none or several."""
        typed = typed.strip()
        if found := self.filter(slug=typed).first():
            return found
        try:
            found = self.known_as(parse_address(typed)).first()
        except AddressError:
            found = None
        of_handle = self.filter(handle__iexact=typed).exclude(handle="")[:2]
        return found or (of_handle[0] if len(of_handle) == 1 else None)


class Channel(FreshModel):
    """A source that is followed. Until its address is resolved it has no `external_id`."""

    shown_in = {
        Group.CHANNELS: frozenset({
            "platform", "external_id", "slug", "name", "handle", "url", "description", "avatar_url", "follower_count",
            "is_active", "interval_minutes", "last_scraped_at",
        }),
        Group.VIDEOS: frozenset({"slug", "name", "handle", "avatar_url"}),
    }  # fmt: skip

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
    feed_url = models.URLField(
        max_length=500, blank=True, help_text="Asked first: one request tells whether there is anything new."
    )
    feed_etag = models.CharField(max_length=200, blank=True, editable=False)
    feed_modified = models.CharField(max_length=100, blank=True, editable=False)
    feed_retry_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="A feed that failed is left alone until then."
    )
    title_pattern = models.CharField(
        max_length=200, blank=True, help_text="Only videos whose title this regular expression finds are taken in."
    )
    shortest_seconds = models.PositiveIntegerField(null=True, blank=True, help_text="Leave shorter videos out.")
    longest_seconds = models.PositiveIntegerField(null=True, blank=True, help_text="Leave longer videos out.")
    gone_proofs = models.JSONField(
        default=list, blank=True, editable=False, help_text="When and in which way the platform said it is gone."
    )
    gone_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it counts as gone: proven over days, in two ways."
    )
    upstream = models.JSONField(
        default=dict, blank=True, editable=False, help_text="What the platform says of fields an operator has edited."
    )
    former_names = models.JSONField(default=list, blank=True, editable=False, help_text="[{name, until}], in order.")
    resolve_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When to ask again who an unresolved channel is."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
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

    def was_seen(self, **facts: Any) -> None:
        """Save that the channel was read without an error, and `facts` beside; nothing else of the row."""
        seen = {"last_scraped_at": timezone.now(), "error_code": "", "error_message": "", "gone_proofs": []}
        Channel.objects.filter(pk=self.pk).update(**seen, gone_at=None, **facts)

    @property
    def is_resolved(self) -> bool:
        """Whether the platform has told who this channel is."""
        return self.external_id is not None

    def clean(self) -> None:
        """Refuse, in words, filters and an interval that cannot work."""
        if wrong := refused(self):
            raise ValidationError(wrong)

    def edit(self, **changes: Any) -> None:
        """Save what an operator changes, and nothing else of the row; EDITABLE fields stay as edited from now on."""
        with transaction.atomic():
            stored = Channel.objects.select_for_update(no_key=True).get(pk=self.pk)
            self.upstream = stored.upstream
            for name, value in changes.items():
                if name in EDITABLE:
                    keep_upstream(self.upstream, name, getattr(stored, name), value)
                setattr(self, name, value)
            self.save(update_fields=[*changes, "upstream", "updated_at"])

    def give_back(self) -> list[str]:
        """Let the platform's values count again for all that an operator has edited; returns those fields' names."""
        with transaction.atomic():
            stored = Channel.objects.select_for_update(no_key=True).get(pk=self.pk)
            for name, value in stored.upstream.items():
                # A platform that was not asked yet has told no name.
                setattr(self, name, value or stored.name if name == "name" else value)
            self.upstream = {}
            self.save(update_fields=[*stored.upstream, "upstream", "updated_at"])
        return list(stored.upstream)

    def follow_lists(self, kinds: Collection[str]) -> None:
        """Read these of its lists from now on, and no others."""
        self.tabs.filter(kind__in=kinds).update(is_followed=True)
        self.tabs.exclude(kind__in=kinds).update(is_followed=False)


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
