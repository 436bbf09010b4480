"""What the public sees of a video, read in one statement."""

import json
from typing import Any

from django.db.models import Expression, Field

from videos.models.taxonomy import Category, Tag

# Of the video's own row; in lists, and besides on a page of its own.
IN_LISTS = (
    "id", "channel_id", "platform", "external_id", "slug", "url", "title", "description", "thumbnail_url", "kind",
    "live_status", "availability", "duration_seconds", "view_count", "like_count", "own_views", "own_likes",
    "total_views", "trend", "published_at", "published_precision", "created_at", "updated_at",
)  # fmt: skip
ON_ITS_PAGE = ("chapters", "caption_languages", "unavailable_reason")
OF_CHANNEL = ("channel__slug", "channel__name", "channel__handle", "channel__avatar_url")


class NamesField(Field[list[str], list[str]]):
    """Names as both databases return them."""

    def get_db_converters(self, connection: Any) -> list[Any]:
        """SQLite's are JSON; an array of PostgreSQL's is a list already."""
        return [_of_json] if connection.vendor == "sqlite" else []


def _of_json(value: str, *_: Any) -> Any:
    return json.loads(value)


class NamesOf(Expression):
    """The names of a video's categories or tags, in their order, as one value.

    Written by hand: the ORM takes longer to write the same than the database to answer it.
    """

    output_field = NamesField()

    def __init__(self, model: type[Category] | type[Tag]) -> None:
        super().__init__()
        name = model._meta.model_name  # noqa: SLF001 - Django's documented Meta API
        self._select = (
            f"SELECT named.name FROM videos_{name} named JOIN videos_video{name} joined"  # noqa: S608 - our own names
            f" ON joined.{name}_id = named.id WHERE joined.video_id = videos_video.id ORDER BY named.name"
        )

    def as_postgresql(self, *_: Any) -> tuple[str, list[Any]]:
        """An array."""
        return f"ARRAY({self._select})", []

    def as_sqlite(self, *_: Any) -> tuple[str, list[Any]]:
        """JSON."""
        return f"(SELECT json_group_array(name) FROM ({self._select}))", []  # noqa: S608 - our own names
