"""The lists of channels."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from channels.models.channel import Channel

# What is due is handed out each minute; what still is due after so long waits for more than its turn.
OVERDUE_AFTER = timedelta(minutes=5)


class TabKind(models.TextChoices):
    """The lists of a channel."""

    VIDEOS = "videos"
    SHORTS = "shorts"
    STREAMS = "streams"


class ChannelTabQuerySet(models.QuerySet["ChannelTab"]):
    """Questions about many tabs."""

    def due(self, now: datetime) -> Self:
        """Tabs of followed channels that are to be looked at now, the longest due first."""
        due = self.filter(next_check_at__lte=now, is_followed=True, channel__is_active=True)
        return due.order_by("next_check_at", "id")

    def due_by_platform(self, now: datetime) -> list[Self]:
        """The same for each platform on its own, with the channels: one with very many keeps nobody waiting."""
        due = self.due(now).select_related("channel")
        names = due.order_by().values_list("channel__platform", flat=True).distinct()
        return [due.filter(channel__platform=name) for name in names]

    def overdue(self, now: datetime) -> Self:
        """Tabs that should have been handed out a while ago: the schedule stands still, or there are too many."""
        return self.due(now - OVERDUE_AFTER)

    def overdue_channels(self, now: datetime) -> int:
        """How many channels have such a tab, or are unresolved and should have been asked for so long ago."""
        unknown = Channel.objects.to_resolve(now - OVERDUE_AFTER).order_by().values_list("pk")
        return self.overdue(now).order_by().values_list("channel_id").union(unknown).count()

    def followed(self) -> Self:
        """Tabs that are read: those that exist and that no operator has switched off."""
        return self.filter(is_followed=True).exclude(error_code="tab_missing")


class ChannelTab(models.Model):
    """One list of a channel, scheduled and failing on its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="tabs")
    kind = models.CharField(max_length=10, choices=TabKind)
    url = models.URLField(max_length=500)
    is_followed = models.BooleanField("followed", default=True)
    next_check_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    last_checked_at = models.DateTimeField(null=True, blank=True)
    last_full_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    is_torn = models.BooleanField(
        default=False, help_text="A read stopped in its middle: below its newest videos some may be missing."
    )
    feed_fell_short = models.BooleanField(
        default=False, help_text="The feed showed nothing known: only the list itself can close the gap."
    )
    newest_at = models.DateTimeField(
        null=True, blank=True, help_text="When the newest of its videos was published, as far as that is known."
    )
    publishes_every_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="The mean gap between its latest videos."
    )

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

    @property
    def is_read(self) -> bool:
        """Whether it exists and no operator has switched it off; `followed` asks the database the same."""
        return self.is_followed and self.error_code != "tab_missing"

    @property
    def is_newest_first(self) -> bool:
        """Whether what is new stands at its beginning; a playlist may grow anywhere."""
        return "/playlist?list=" not in self.url

    @property
    def is_full_pass_due(self) -> bool:
        """Whether this list is to be read to its end again, whatever is known of it."""
        if self.last_full_at is None or self.is_torn:
            return True
        return timezone.now() - self.last_full_at > timedelta(days=settings.SCRAPE_FULL_PASS_DAYS)

    def succeeded(self, *, next_check_at: datetime, full: bool, cut: bool = False) -> None:
        """Note a look at this list that went well; `cut` short by a limit, it does not mend what is torn."""
        now = timezone.now()
        self.last_checked_at, self.next_check_at = now, next_check_at
        self.last_full_at = now if full else self.last_full_at
        self.failures, self.error_code, self.error_message = 0, "", ""
        if not cut:
            self.is_torn = self.feed_fell_short = False
        fields = "last_checked_at", "next_check_at", "last_full_at", "newest_at", "publishes_every_minutes"
        self.save(update_fields=[*fields, "failures", "error_code", "error_message", "is_torn", "feed_fell_short"])

    def failed(self, code: str, message: str, *, next_check_at: datetime) -> None:
        """Note a look that failed, and when the next one is worth it."""
        ChannelTab.objects.filter(pk=self.pk).update(
            last_checked_at=timezone.now(),
            next_check_at=next_check_at,
            failures=F("failures") + 1,
            error_code=code,
            error_message=message,
        )
