"""The filters of lists of videos."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Expression, Field, QuerySet
from django_filters import rest_framework as filters

from nisam.lib.filters import MOMENT, MomentFilter
from nisam.lib.statement import Given
from videos.models import Category, Kind, Tag, Video, VideoCategory, VideoQuerySet, VideoTag
from videos.models.taxonomy import number_of
from videos.search.query import Asked, Window, ranked, said, shape_of, unranked
from videos.search.typed import understand

LONGEST_SEARCH = 200


class _Narrowing(NamedTuple):
    """How a filter narrows a list to a value, the database field that holds such values, and which one is meant by what
    somebody says."""

    narrowed: Callable[[VideoQuerySet, Expression], VideoQuerySet]
    field: Any
    meant: Callable[[Any], Any] = lambda value: value
    # Rows of a relation that are as many as the videos of the catalogue with that value.
    as_many: Callable[[Any], QuerySet[Any]] | None = None


def _tag(name: str) -> int:
    """A tag whatever its capitals; 0, which none is, for one that nobody has used."""
    tag = Tag.objects.known_as(name)
    return tag.pk if tag else 0


def _in_category(category_id: int) -> QuerySet[VideoCategory]:
    return VideoCategory.objects.filter(category=category_id, is_deleted=False)


def _tagged(tag_id: int) -> QuerySet[VideoTag]:
    return VideoTag.objects.filter(tag=tag_id, is_deleted=False)


def _field(model: Any, name: str) -> Field[Any, Any]:
    field: Field[Any, Any] = model._meta.get_field(name)  # noqa: SLF001 - Django's documented Meta API
    return field


_DATE = _field(Video, "published_at")
# In the order in which they are used: dates are best compared beside the category or tag.
_NARROWINGS = {
    "platform": _Narrowing(lambda videos, name: videos.filter(platform=name), _field(Video, "platform")),
    "channelId": _Narrowing(lambda videos, pk: videos.filter(channel=pk), _field(Video, "channel").target_field),  # type: ignore[attr-defined]
    "categoryId": _Narrowing(
        lambda videos, pk: videos.in_category(pk), _field(Category, "id"), number_of, _in_category
    ),
    "tagName": _Narrowing(lambda videos, pk: videos.tagged(pk), _field(Tag, "id"), _tag, _tagged),
    "kind": _Narrowing(lambda videos, kind: videos.filter(kind=kind), _field(Video, "kind")),
    "publishedAfter": _Narrowing(lambda videos, moment: videos.published(gte=moment), _DATE),
    "publishedBefore": _Narrowing(lambda videos, moment: videos.published(lt=moment), _DATE),
}


class ShortsFilter(filters.FilterSet):
    """By platform alone."""

    request: Any
    platform = filters.CharFilter(max_length=40, help_text="a platform's name of at most 40 characters")

    class Meta:
        model = Video
        fields: tuple[str, ...] = ()

    def filter_queryset(self, _queryset: Any) -> Any:
        """The list narrowed by what is asked for: the same rows for all who ask for the same things, so it is made of
        the view's own and not of a copy. What they say of these is left at the request, as `given`."""
        asked = {name: self.form.cleaned_data[name] for name in _NARROWINGS if self.form.cleaned_data.get(name)}
        self.request.given = {name: _NARROWINGS[name].meant(value) for name, value in asked.items()}
        return _narrowed(self.queryset, tuple(asked))


class VideoFilter(ShortsFilter):
    """Every filter of GET /api/videos."""

    channelId = filters.UUIDFilter(help_text="a channel's id (a UUID)")
    categoryId = filters.UUIDFilter(help_text="a category's id (a UUID)")
    tagName = filters.CharFilter(max_length=100, help_text="a tag's name of at most 100 characters")
    kind = filters.ChoiceFilter(choices=Kind.choices, help_text=f"one of {', '.join(Kind.values)}")
    publishedAfter = MomentFilter(help_text=MOMENT)
    publishedBefore = MomentFilter(help_text=MOMENT)
    search = filters.CharFilter(max_length=LONGEST_SEARCH, help_text=f"words of at most {LONGEST_SEARCH} characters")

    def filter_queryset(self, queryset: Any) -> Any:
        """And by words: what they were taken for is left as `searched`, for marking them, and what they are found in as
        `chosen_by`."""
        videos = super().filter_queryset(queryset)
        typed = self.form.cleaned_data["search"]
        if not typed:
            self._tell_as_many()
            return videos
        self.request.searched = terms = understand(typed)
        if not terms:
            self.request.given = None  # nothing is read, so no statement is kept for it
            return unranked(videos).shown("rank")
        narrowed_by = tuple(self.request.given)
        self.request.given |= said(terms, self.form.cleaned_data["channelId"])
        found, self.request.chosen_by = _searched(self.queryset, narrowed_by, shape_of(terms))
        return found

    def _tell_as_many(self) -> None:
        """Where one relation alone tells how many there are, no video need be looked at to count them."""
        if len(self.request.given) == 1:
            ((name, value),) = self.request.given.items()
            if as_many := _NARROWINGS[name].as_many:
                self.request.as_many = as_many(value)


@lru_cache(maxsize=256)
def _narrowed(videos: VideoQuerySet, names: tuple[str, ...]) -> VideoQuerySet:
    """Videos narrowed by what is given anew under these names."""
    for name in names:
        narrowing = _NARROWINGS[name]
        videos = narrowing.narrowed(videos, Given(name, narrowing.field))
    return videos


@lru_cache(maxsize=256)
def _searched(videos: VideoQuerySet, names: tuple[str, ...], shape: Any) -> tuple[Any, Window]:
    """The same with their rank, and what a search finds among them."""
    asked = Asked.anew(shape)
    narrowed = _narrowed(videos, names)
    window = Window.in_all(asked) if set(names) <= {"channelId"} else Window.among(narrowed, asked)
    return ranked(narrowed, asked).shown("rank"), window


class TagFilter(filters.FilterSet):
    """The filters of lists of tags."""

    search = filters.CharFilter(
        field_name="name", lookup_expr="icontains", max_length=100, help_text="text of at most 100 characters"
    )

    class Meta:
        model = Tag
        fields: tuple[str, ...] = ()
