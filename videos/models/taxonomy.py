"""What videos are sorted by: categories and tags."""

import zlib
from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Q, Value
from django.db.models.functions import Lower
from django.utils.text import slugify

from nisam.freshness.models import EVERY_FIELD, FreshModel, FreshQuerySet, Group


def number_of(public_id: UUID) -> int:
    """The number of a row whose `public_id` is given; 0, which no row has, for an id that is none of these."""
    return public_id.int if public_id.int < 2**63 else 0


class NamedQuerySet(FreshQuerySet[Any]):
    """Categories or tags, found or made by name whatever its capitals."""

    def named(self, names: Iterable[str]) -> list[Any]:
        """The rows of these names in their order, missing ones made; at most three statements."""
        wanted = {name.lower(): name for raw in names if (name := " ".join(raw.split())[:100])}
        missing = set(wanted) - set(self._by_lower(wanted.values()))
        if missing:
            made = (self.model.of_name(wanted[key]) for key in sorted(missing))
            self.bulk_create(made, ignore_conflicts=True)  # somebody else may make it at this moment
        found = self._by_lower(wanted.values())
        return [found[key] for key in wanted if key in found]

    def with_video_count(self) -> Self:
        """Adds `video_count`: how many videos visitors see; a query, so that it cannot drift."""
        return self.annotate(video_count=Count("videos", filter=Q(videos__deleted_at=None)))

    def known_as(self, name: str) -> Any:
        """The row of a name, whatever its capitals; None when there is none."""
        return self._by_lower([name.strip()]).get(name.strip().lower())

    def _by_lower(self, names: Iterable[str]) -> dict[str, Any]:
        spellings = [Lower(Value(spelling)) for name in names for spelling in _spellings(name)]
        return {row.name.lower(): row for row in self.annotate(lower=Lower("name")).filter(lower__in=spellings)}


def _spellings(name: str) -> set[str]:
    """How a name may be written in the database, whose LOWER may know the letters of ASCII only, as SQLite's does."""
    lower = name.lower()
    return {lower} if name.isascii() else {lower, name, name.upper(), lower.capitalize(), lower.title()}


class Named(FreshModel):
    """What has a name that no other has, whatever its capitals."""

    shown_in = {Group.TAXONOMY: EVERY_FIELD, Group.VIDEOS: EVERY_FIELD}

    name = models.CharField(max_length=100)

    objects = NamedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> UUID:
        """Its number in the form that all ids of the API have."""
        return UUID(int=self.pk)


class Category(Named):
    """A topic, as platforms name theirs."""

    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)

    class Meta(Named.Meta):
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint(Lower("name"), name="category_name")]

    @classmethod
    def of_name(cls, name: str) -> Self:
        """A new row, not saved, with a slug that no other name can have."""
        slug = slugify(name, allow_unicode=True)
        plain = slug == name.lower()
        return cls(name=name, slug=slug if plain else f"{slug or 'category'}-{zlib.crc32(name.lower().encode()):08x}")


class Tag(Named):
    """A keyword of a video."""

    class Meta(Named.Meta):
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_name")]
        # GET /api/tags.
        indexes = [models.Index(fields=["name", "id"], name="tag_by_name")]

    @classmethod
    def of_name(cls, name: str) -> Self:
        """A new row, not saved."""
        return cls(name=name)
