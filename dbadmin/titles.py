"""The videos that databases belong to, where their ids are videos' ids."""

from collections.abc import Iterable
from uuid import UUID

from videos.models import Video
from videos.search.query import search


def titles_of(database_ids: Iterable[str]) -> dict[str, str]:
    """The videos' titles by the databases' ids; without those that are no video's."""
    keys = {key: one for one in database_ids if (key := _key(one))}
    return {keys[key]: title for key, title in Video.objects.filter(pk__in=keys).values_list("pk", "title")}


def ids_of(words: str) -> list[str]:
    """The ids of the videos that a search finds, at most as many as it looks at."""
    return [str(key) for key in search(Video.objects.all(), words).values_list("pk", flat=True)]


def _key(database_id: str) -> UUID | None:
    try:
        return UUID(database_id)
    except ValueError:
        return None
