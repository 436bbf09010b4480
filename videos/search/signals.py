"""What changes documents beside the ingest, told by Django's signals: nobody who writes such a row can forget."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from channels.models import Channel
from videos.models import Category, Tag, Video
from videos.search.index import index
from videos.search.sqlite import add_functions

# Videos indexed at once where very many may be concerned, a channel's or a tag's.
AT_ONCE = 1000


def connect() -> None:
    """Listen to the models whose text is in documents."""
    connection_created.connect(give_functions, dispatch_uid="search.functions")
    post_save.connect(video_saved, sender=Video, dispatch_uid="search.video")
    for model in (Channel, Tag, Category):
        post_save.connect(name_saved, sender=model, dispatch_uid=f"search.saved.{model.__name__}")
    for named in (Tag, Category):
        pre_delete.connect(name_goes, sender=named, dispatch_uid=f"search.goes.{named.__name__}")
        post_delete.connect(name_gone, sender=named, dispatch_uid=f"search.gone.{named.__name__}")
    for through in (Video.tags.through, Video.categories.through):
        m2m_changed.connect(names_changed, sender=through, dispatch_uid=f"search.related.{through.__name__}")


def give_functions(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """SQLite has no ranking of its own that is PostgreSQL's."""
    if connection.vendor == "sqlite":
        add_functions(connection.connection)


def video_saved(instance: Video, *, created: bool, update_fields: Collection[str] | None, **_: Any) -> None:
    """A video came or changed."""
    if created or _concerns(update_fields, "title", "description", "channel"):
        index([instance.pk])


def name_saved(instance: Any, *, created: bool, update_fields: Collection[str] | None, **_: Any) -> None:
    """A channel, tag or category has perhaps another name."""
    if not created and _concerns(update_fields, "name"):
        _index_all(instance.videos.values_list("pk", flat=True))


def names_changed(instance: Any, *, action: str, pk_set: Collection[Any] | None, **_: Any) -> None:
    """Videos got or lost tags or categories."""
    if isinstance(instance, Video):
        if action.startswith("post_"):
            index([instance.pk])
    elif action == "pre_clear":
        instance.indexed_later = list(instance.videos.values_list("pk", flat=True))
    elif action.startswith("post_"):
        _index_all(instance.indexed_later if action == "post_clear" else pk_set or ())


def name_goes(instance: Any, **_: Any) -> None:
    """Which videos have a tag or category can only be asked before it is deleted."""
    instance.indexed_later = list(instance.videos.values_list("pk", flat=True))


def name_gone(instance: Any, **_: Any) -> None:
    """A tag or category was deleted."""
    _index_all(instance.indexed_later)


def _concerns(update_fields: Collection[str] | None, *fields: str) -> bool:
    return update_fields is None or not set(fields).isdisjoint(update_fields)


def _index_all(video_ids: Iterable[Any]) -> None:
    ids = sorted(video_ids)
    with transaction.atomic(savepoint=False):
        for first in range(0, len(ids), AT_ONCE):
            index(ids[first : first + AT_ONCE])
