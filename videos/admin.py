"""The catalogue in the Django admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminURLFieldWidget, AutocompleteSelectMultiple
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from channels.admin_edits import EditsAdmin
from channels.admin_words import when
from nisam.jobs.admin import job_link
from nisam.lib.errors import OperationError
from videos.details import request_details
from videos.models import Category, Precision, Tag, Video


class DeletedFilter(admin.SimpleListFilter):
    """The catalogue, or what was deleted from it."""

    title = "deleted"
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices beside the catalogue itself."""
        return [("yes", "Deleted by an operator")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> QuerySet[Video]:
        """Hide what was deleted, unless it is asked for."""
        return queryset.filter(deleted_at__isnull=self.value() != "yes")


class TopFilter(admin.SimpleListFilter):
    """What an operator put at the top of the site."""

    title = "at the top of the site"
    parameter_name = "top"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choice beside all."""
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> QuerySet[Video]:
        """What was put there."""
        return queryset.exclude(featured_at=None) if self.value() == "yes" else queryset


@admin.register(Video)
class VideoAdmin(EditsAdmin):
    """Videos, newest first."""

    list_display = ("thumbnail", "title", "channel", "kind", "published", "view_count", "availability", "at_top")
    list_display_links = ("title",)
    list_filter = (DeletedFilter, TopFilter, "kind", "platform", "live_status", "availability")
    list_select_related = ("channel",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("title", "external_id")
    formfield_overrides = {models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"}}
    actions = ("feature", "feature_no_more", "restore", "read_pages", "give_back")
    _fieldsets = (
        ("What you may edit", {
            "fields": ("title", "description", "thumbnail_url", "kind", "categories", "tags"),
            "description": "The next scrape keeps what you edit. What the platform says stands below it.",
        }),
        ("What its own page says", {"fields": (
            ("page_read", "page_due"), "unavailable", ("chapter_count", "captions"),
        )}),
        ("What the platform says", {"fields": (
            "channel", "url", ("platform", "external_id"), ("published_at", "published_precision", "published_source"),
            ("duration_seconds", "view_count", "like_count"), ("live_status", "availability"), "slug",
            ("created_at", "updated_at"),
        )}),
    )  # fmt: skip
    readonly_fields = (
        "channel", "platform", "external_id", "url", "slug", "live_status", "availability", "published_at",
        "published_precision", "published_source", "duration_seconds", "view_count", "like_count", "created_at",
        "updated_at", "page_read", "page_due", "unavailable", "chapter_count", "captions",
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Video | None = None) -> Any:
        """The same for all. Not `fieldsets`, of which Django refuses relations with a model of their own."""
        return self._fieldsets

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """A choice, which Django leaves out for these: what their rows hold beside the pair they get by themselves."""
        return db_field.formfield(widget=AutocompleteSelectMultiple(db_field, self.admin_site), **options)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Videos come from channels."""
        return False

    def delete_model(self, request: HttpRequest, obj: Video) -> None:
        """Leave a tombstone, so that the next scrape does not bring it back."""
        Video.objects.filter(pk=obj.pk).tombstone()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        """Leave tombstones."""
        Video.objects.filter(pk__in=queryset.values("pk")).tombstone()

    @admin.action(description="Restore the selected videos")
    def restore(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        """Take the deletion back."""
        self.message_user(request, f"{Video.objects.filter(pk__in=videos.values('pk')).restore()} restored.")

    @admin.action(description="Show at the top of the site", permissions=["change"])
    def feature(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        """Put one video there."""
        if len(videos) != 1:
            self.message_user(request, "One video stands at the top of the site: choose one.", messages.WARNING)
            return
        video = videos[0]
        if video.deleted_at:
            self.message_user(request, f"“{video}” is deleted: restore it first.", messages.WARNING)
            return
        video.feature()
        self.message_user(request, f"“{video}” stands at the top of the site.")

    @admin.action(description="Show no longer at the top", permissions=["change"])
    def feature_no_more(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        """Let the site choose by itself again."""
        featured = Video.objects.filter(pk__in=videos.values("pk")).exclude(featured_at=None)
        if featured.update(featured_at=None):
            self.message_user(request, "The site chooses by itself what stands at its top.")
        else:
            self.message_user(request, "None of them was put at the top.", messages.WARNING)

    @admin.action(description="Read the selected videos' pages now", permissions=["change"])
    def read_pages(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        """Start a job for them."""
        try:
            started = request_details(videos, request.user.get_username())
        except OperationError as error:
            self.message_user(request, str(error), messages.WARNING)
            return
        words = "{} reads their pages." if started.created else "{} reads their pages already."
        self.message_user(request, format_html(words, job_link(started.job, "A job")))

    @admin.display(description="page read")
    def page_read(self, video: Video) -> SafeString | str:
        """When its own page was last read."""
        return when(video.details_at) if video.details_at else "never"

    @admin.display(description="to be read")
    def page_due(self, video: Video) -> SafeString | str:
        """When its own page is read next, and how often that failed."""
        if video.details_due_at is None:
            return "not again by itself"
        failed = f" (failed {video.details_failures} times in a row)" if video.details_failures else ""
        due = "now" if video.details_due_at <= timezone.now() else when(video.details_due_at)
        return format_html("{}{}", due, failed)

    @admin.display(description="cannot be watched")
    def unavailable(self, video: Video) -> str:
        """Why, in the platform's words."""
        return video.unavailable_reason or video.unavailable_code or "nothing against it is known"

    @admin.display(description="chapters")
    def chapter_count(self, video: Video) -> int:
        """How many."""
        return len(video.chapters)

    @admin.display(description="captions")
    def captions(self, video: Video) -> str:
        """Their languages, made by people and by machines."""
        known = ((kind, names) for kind, names in video.caption_languages.items() if names)
        return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in known) or "none"

    @admin.display(description="")
    def thumbnail(self, video: Video) -> SafeString | str:
        """Its picture, loaded when it comes into view."""
        if not video.thumbnail_url:
            return ""
        return format_html('<img src="{}" alt="" loading="lazy" width="96" height="54">', video.thumbnail_url)

    @admin.display(description="at the top", ordering="featured_at")
    def at_top(self, video: Video) -> SafeString | str:
        """Since when an operator has it at the top of the site."""
        return when(video.featured_at) if video.featured_at else ""

    @admin.display(ordering="published_at")
    def published(self, video: Video) -> str:
        """The date, marked where it is not exact."""
        if video.published_precision == Precision.UNKNOWN:
            return "unknown"
        about = "about " if video.published_precision == Precision.APPROXIMATE else ""
        return f"{about}{video.published_at:%Y-%m-%d}"


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin[Category]):
    """Topics."""

    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin[Tag]):
    """Keywords."""

    search_fields = ("name",)
