"""Channels in the Django admin: added by address, scraped, paused."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from channels.addresses import SingleVideoError
from channels.admin_edits import EditsAdmin
from channels.admin_subscriptions import subscription_urls
from channels.admin_words import health, span, when
from channels.follow import follow, scan
from channels.models import Channel, ChannelAlias, ChannelTab
from nisam.jobs.admin import job_link
from nisam.lib.errors import OperationError


class ChannelAddForm(forms.ModelForm[Channel]):
    """Following a channel takes its address, nothing else."""

    address = forms.CharField(
        label="Address or handle",
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True, "placeholder": "@kurzgesagt"}),
        help_text="Such as https://www.youtube.com/@kurzgesagt, @kurzgesagt, a playlist, "
        "or a channel on another site that yt-dlp reads.",
    )

    of_video = forms.BooleanField(
        label="Follow the channel this video is in", required=False, help_text="When the address is one video's."
    )

    class Meta:
        model = Channel
        fields = ("address", "of_video")

    def clean(self) -> dict[str, Any]:
        """Follow the address, or refuse it in words. Here, because only the row itself decides who was first."""
        cleaned = super().clean() or {}
        if "address" not in cleaned:
            return cleaned
        try:
            self.instance = follow(cleaned["address"], of_video=cleaned["of_video"])
        except SingleVideoError as error:
            message = f"{error} Tick “{self.fields['of_video'].label}” below to follow its channel."
            raise forms.ValidationError({"address": message}) from error
        except OperationError as error:
            raise forms.ValidationError({"address": str(error)}) from error
        return cleaned

    def save(self, commit: bool = True) -> Channel:
        """The channel, which was made when its address was found to be good."""
        return self.instance

    def save_m2m(self) -> None:
        """A channel has nothing to save beside its row."""


class ChannelTabInline(admin.TabularInline[ChannelTab, Channel]):
    """The lists of a channel, each with its own schedule and failures."""

    model = ChannelTab
    fields = ("kind", "is_followed", "next_check_at", "read", "rhythm", "failed")
    readonly_fields = ("kind", "read", "rhythm", "failed")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Platforms say which lists there are."""
        return False

    @admin.display(description="last read")
    def read(self, tab: ChannelTab) -> SafeString:
        """When it was last looked at, and last read to its end."""
        looked = when(tab.last_checked_at) if tab.last_checked_at else "never"
        return format_html("{}<br>to its end: {}", looked, when(tab.last_full_at) if tab.last_full_at else "never")

    @admin.display(description="what is known of its rhythm")
    def rhythm(self, tab: ChannelTab) -> SafeString | str:
        """How often it publishes, and when it last did."""
        if tab.newest_at is None:
            return "nothing yet"
        newest = format_html("newest video {}", when(tab.newest_at))
        if tab.publishes_every_minutes is None:
            return newest
        return format_html("{}<br>one about every {}", newest, span(tab.publishes_every_minutes))

    @admin.display(description="failures in a row")
    def failed(self, tab: ChannelTab) -> SafeString | str:
        """How often, and what was said last."""
        return format_html("{}: {}", tab.failures, tab.error_message) if tab.failures else tab.error_message or "none"


class ChannelAliasInline(admin.TabularInline[ChannelAlias, Channel]):
    """Other forms of a channel's address."""

    model = ChannelAlias
    fields = ("key", "created_at")
    readonly_fields = fields
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Aliases are found, not typed."""
        return False


@admin.register(Channel)
class ChannelAdmin(EditsAdmin):
    """What is followed, how it is doing, and what to do about it."""

    list_display = ("name", "health", "videos", "last_scrape", "next_scrape", "platform")
    list_filter = ("is_active", "platform", "error_code")
    search_fields = ("name", "handle", "external_id", "url", "aliases__key")
    list_per_page = 50
    actions = ("scrape_now", "scrape_in_full", "pause", "resume", "give_back")
    inlines = (ChannelTabInline, ChannelAliasInline)
    fieldsets = (
        (None, {"fields": ("name", "description", "health", "names_before")}),
        ("When and what is read", {"fields": (
            ("is_active", "interval_minutes"), "title_pattern", ("shortest_seconds", "longest_seconds"),
        )}),
        ("What the platform says", {"fields": (
            ("platform", "external_id", "handle"), ("url", "feed_url"), ("follower_count", "last_scraped_at"),
            ("slug", "created_at"),
        )}),
    )  # fmt: skip
    readonly_fields = (
        "platform", "external_id", "handle", "url", "feed_url", "slug", "health", "names_before", "last_scraped_at",
        "follower_count", "created_at",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """With the pages that bring and take subscriptions."""
        return [*subscription_urls(self), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        """With the count of videos, the time of the next look, and the lists."""
        return Channel.objects.with_video_count().with_next_check().prefetch_related("tabs")

    def get_form(self, request: HttpRequest, obj: Channel | None = None, change: bool = False, **kwargs: Any) -> Any:
        """A new channel is asked for its address alone."""
        if obj is None:
            return ChannelAddForm
        form = super().get_form(request, obj, change=change, **kwargs)
        if interval := form.base_fields.get("interval_minutes"):
            interval.help_text = "Minutes between two looks, whatever its rhythm. Empty: as often as it publishes."
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Channel | None = None) -> Any:
        """The address for a new channel, everything for one that is there."""
        return ((None, {"fields": ("address", "of_video")}),) if obj is None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> Any:
        """What the platform says is not typed."""
        return () if obj is None else self.readonly_fields

    def get_inlines(self, request: HttpRequest, obj: Channel | None) -> Any:
        """A new channel has no lists yet."""
        return () if obj is None else self.inlines

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        """Start reading a channel that was just added."""
        if change:
            super().save_model(request, obj, form, change)
            return
        started = scan([obj], requested_by=request.user.get_username())
        words = format_html("{} finds out who it is and reads its videos.", job_link(started.job, "A job"))
        self.message_user(request, words)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Of a list save what was changed and nothing else: a job may be writing the same row."""
        if formset.model is not ChannelTab:
            super().save_formset(request, form, formset, change)
            return
        for row in formset.forms:
            if row.has_changed():
                row.instance.save(update_fields=row.changed_data)
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    @admin.display(ordering="video_count")
    def videos(self, channel: Any) -> int:
        """How many videos the catalogue has of it."""
        return int(channel.video_count)

    @admin.display(ordering="last_scraped_at")
    def last_scrape(self, channel: Channel) -> SafeString | str:
        """When its lists were last read."""
        return when(channel.last_scraped_at) if channel.last_scraped_at else "never"

    @admin.display(ordering="next_check_at")
    def next_scrape(self, channel: Any) -> SafeString | str:
        """When the first of its lists is looked at next."""
        if not channel.is_active:
            return "paused"
        if channel.next_check_at and channel.next_check_at <= timezone.now():
            return "due"
        return when(channel.next_check_at) if channel.next_check_at else "–"

    @admin.display(ordering="error_code")
    def health(self, channel: Channel) -> SafeString:
        """How it is, in words."""
        return health(channel)

    @admin.display(description="former names")
    def names_before(self, channel: Channel) -> SafeString | str:
        """What it was called before."""
        pairs = ((former["name"], former["until"][:10]) for former in reversed(channel.former_names))
        return format_html_join(SafeString("<br>"), "“{}” until {}", pairs) or "none"

    @admin.action(description="Scrape the selected channels now")
    def scrape_now(self, request: HttpRequest, channels: QuerySet[Channel]) -> None:
        """Read what is new."""
        self._scan(request, channels, full=False)

    @admin.action(description="Scrape the selected channels in full")
    def scrape_in_full(self, request: HttpRequest, channels: QuerySet[Channel]) -> None:
        """Read every list to its end."""
        self._scan(request, channels, full=True)

    def _scan(self, request: HttpRequest, channels: QuerySet[Channel], *, full: bool) -> None:
        try:
            started = scan(list(channels), requested_by=request.user.get_username(), full=full)
        except OperationError as error:
            self.message_user(request, str(error), messages.WARNING)
            return
        words = "{} reads them." if started.created else "{} reads them already."
        self.message_user(request, format_html(words, job_link(started.job, "A job")))

    @admin.action(description="Pause the selected channels")
    def pause(self, request: HttpRequest, channels: QuerySet[Channel]) -> None:
        """Stop following; the videos stay."""
        count = Channel.objects.filter(pk__in=channels.values("pk")).update(is_active=False)
        self.message_user(request, f"{count} paused. Their videos stay.")

    @admin.action(description="Resume the selected channels")
    def resume(self, request: HttpRequest, channels: QuerySet[Channel]) -> None:
        """Follow again."""
        count = Channel.objects.filter(pk__in=channels.values("pk")).update(is_active=True)
        self.message_user(request, f"{count} resumed.")
