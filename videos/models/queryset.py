"""Questions about many videos."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import connections, models
from django.db.models import Case, Expression, F, Q, When
from django.db.models.functions import Collate
from django.utils import timezone

from channels.models import Channel
from nisam.freshness.models import FreshQuerySet
from nisam.lib.keyset import ALONG, column_of
from videos.models.kinds import NOT_OVER, Precision
from videos.models.shown import IN_LISTS, OF_CHANNEL, NamesOf
from videos.models.taxonomy import Category, Tag
from videos.orders import NEWEST

if TYPE_CHECKING:
    from videos.models.video import Video


class VideoQuerySet(FreshQuerySet["Video"]):
    """Questions about many videos."""

    def in_catalogue(self) -> Self:
        """Videos that visitors may see: those no operator has deleted."""
        return self.filter(deleted_at=None)

    def shown(self, *more: str) -> "models.QuerySet[Video, Any]":
        """What the API shows of videos, as named rows in one statement, with `tag_names` and `category_names`.

        `more` names further fields; asked again, only that changes. One statement, because what several read could be
        of several moments.
        """
        relations = {"tag_names": NamesOf(Tag), "category_names": NamesOf(Category)}
        asked_already = relations.keys() <= self.query.annotations.keys()
        videos = self if asked_already else self.annotate(**relations)
        return videos.values_list(*IN_LISTS, *OF_CHANNEL, *more, *relations, named=True)

    def shown_by_id(self, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
        """What `shown` reads of those of these videos that there are, by their ids."""
        return {video.id: video for video in self.filter(pk__in=set(ids)).shown()}

    def keyed(self, key: str) -> Self:
        """The video with this id or slug."""
        try:
            return self.filter(pk=uuid.UUID(key))
        except ValueError:
            return self.filter(slug=key)

    def locked(self) -> Self:
        """Kept from other writers until the transaction ends.

        In the order in which an ingest writes a page, or the two could wait for each other; SQLite has one writer.
        """
        bytewise = "BINARY" if connections[self.db].vendor == "sqlite" else "C"
        return self.select_for_update(no_key=True).order_by("platform", Collate("external_id", bytewise))

    def tagged(self, tag_id: int | Expression) -> Self:
        """Videos of the catalogue that have a tag."""
        return self._joined("tag_rows", tag_id=tag_id)

    def in_category(self, category_id: int | Expression) -> Self:
        """Videos of the catalogue in a category."""
        return self._joined("category_rows", category_id=category_id)

    def _joined(self, rows: str, **wanted: int | Expression) -> Self:
        """Videos that a row of a relation leads to: one each.

        What the row repeats of its video is said to be equal, so that the planner may read the list in the index of
        either: that of the relation or, of a channel's videos with a tag, both side by side. All of it: PostgreSQL
        estimates a join by a foreign key of several columns only where it meets all of them, and else expects one row.
        """
        same = {"published_at": F("published_at"), "is_deleted": F("is_deleted")}
        joined = {f"{rows}__{name}": value for name, value in {**wanted, **same}.items()}
        videos = self.filter(Q(**{f"{rows}__is_deleted": False}), **joined)
        return videos.alias(
            **{ALONG + "published_at": F(f"{rows}__published_at"), ALONG + "id": F(f"{rows}__video_id")}
        )

    def published(self, **bounds: datetime | Expression) -> Self:
        """Videos of which the date is known and within bounds, such as `published(gte=moment)`."""
        date = column_of(self, "published_at")
        known = self.filter(published_precision__gt=Precision.UNKNOWN)
        return known.filter(**{f"{date}__{bound}": moment for bound, moment in bounds.items()})

    def newest_first(self) -> Self:
        """The catalogue's order; total, because the id breaks ties."""
        return self.order_by(*NEWEST.names(self))

    def details_due(self, now: datetime) -> Self:
        """Videos whose own page is to be read now: broadcasts first, then the longest due."""
        due = self.filter(details_due_at__lte=now, deleted_at=None)
        return due.order_by(Case(When(live_status__in=NOT_OVER, then=0), default=1), "details_due_at")

    def latest_dates(self, channel: Channel, kind: str, number: int) -> list[datetime]:
        """When a channel's latest videos of a kind were published, as far as that is known, newest first."""
        dated = self.filter(channel=channel, kind=kind, published_precision__gt=Precision.UNKNOWN, deleted_at=None)
        return list(dated.newest_first().values_list("published_at", flat=True)[:number])

    def tombstone(self) -> int:
        """Delete as an operator does: hidden, and never ingested again until restored."""
        return self.in_catalogue().update(deleted_at=timezone.now())

    def restore(self) -> int:
        """Take an operator's deletion back."""
        return self.exclude(deleted_at=None).update(deleted_at=None)
