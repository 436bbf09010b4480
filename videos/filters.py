"""The filters of lists of videos."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from nisam.lib.filters import MOMENT, MomentFilter
from videos.models import Kind, Tag, Video, VideoQuerySet
from videos.models.taxonomy import number_of
from videos.search.query import ranked, window
from videos.search.typed import understand

LONGEST_SEARCH = 200


class ShortsFilter(filters.FilterSet):
    """By platform alone."""

    platform = filters.CharFilter(max_length=40, help_text="a platform's name of at most 40 characters")

    class Meta:
        model = Video
        fields: tuple[str, ...] = ()


class VideoFilter(ShortsFilter):
    """Every filter of GET /api/videos."""

    request: Any
    channelId = filters.UUIDFilter(field_name="channel", help_text="a channel's id (a UUID)")
    categoryId = filters.UUIDFilter(method="in_category", help_text="a category's id (a UUID)")
    tagName = filters.CharFilter(method="with_tag", max_length=100, help_text="a tag's name of at most 100 characters")
    kind = filters.ChoiceFilter(choices=Kind.choices, help_text=f"one of {', '.join(Kind.values)}")
    publishedAfter = MomentFilter(method="after", help_text=MOMENT)
    publishedBefore = MomentFilter(method="before", help_text=MOMENT)
    # The last one: it looks at the newest of what the others have left.
    search = filters.CharFilter(
        method="matching", max_length=LONGEST_SEARCH, help_text=f"words of at most {LONGEST_SEARCH} characters"
    )

    def in_category(self, videos: VideoQuerySet, _name: str, value: Any) -> VideoQuerySet:
        """Videos of a category."""
        return videos.in_category(number_of(value))

    def with_tag(self, videos: VideoQuerySet, _name: str, value: str) -> VideoQuerySet:
        """Videos with a tag, whatever its capitals; none when nobody has used it."""
        tag = Tag.objects.known_as(value)
        return videos.tagged(tag.pk) if tag else videos.none()

    def after(self, videos: VideoQuerySet, _name: str, value: Any) -> VideoQuerySet:
        """Videos published at that time or later, as far as that is known."""
        return videos.published(gte=value)

    def before(self, videos: VideoQuerySet, _name: str, value: Any) -> VideoQuerySet:
        """Videos published before that time, as far as that is known."""
        return videos.published(lt=value)

    def matching(self, videos: VideoQuerySet, _name: str, value: str) -> QuerySet[Video, Any]:
        """Videos with their rank. What the words were taken for is kept for marking them, and what they are found in
        for choosing a page of it."""
        self.request.searched = terms = understand(value)
        others = self.filters.keys() - {"search"}
        is_filtered = any(self.form.cleaned_data.get(name) for name in others)
        self.request.chosen_in = window(videos, terms, is_filtered=is_filtered)
        return ranked(videos, terms).shown("rank")


class TagFilter(filters.FilterSet):
    """The filters of lists of tags."""

    search = filters.CharFilter(
        field_name="name", lookup_expr="icontains", max_length=100, help_text="text of at most 100 characters"
    )

    class Meta:
        model = Tag
        fields: tuple[str, ...] = ()
