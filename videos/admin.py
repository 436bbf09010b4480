"""The catalogue in the Django admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

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


@admin.register(Video)
class VideoAdmin(admin.ModelAdmin[Video]):
    """Videos, newest first."""

    list_display = ("thumbnail", "title", "channel", "kind", "published", "view_count", "availability")
    list_display_links = ("title",)
    list_filter = (DeletedFilter, "kind", "platform", "live_status", "availability")
    list_select_related = ("channel",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("title", "external_id")
    autocomplete_fields = ("categories", "tags")
    actions = ("restore",)
    readonly_fields = (
        "channel", "platform", "external_id", "url", "slug", "live_status", "published_at", "published_precision",
        "published_source", "duration_seconds", "view_count", "like_count", "created_at", "updated_at",
    )  # fmt: skip

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

    @admin.display(description="")
    def thumbnail(self, video: Video) -> SafeString | str:
        """Its picture, loaded when it comes into view."""
        if not video.thumbnail_url:
            return ""
        return format_html('<img src="{}" alt="" loading="lazy" width="96" height="54">', video.thumbnail_url)

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
