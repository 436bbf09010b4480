"""What Django tells of single rows and of relations, turned into touches. The signals do nothing else."""

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from nisam.freshness.models import EVERY_FIELD, FreshModel, Group, Version, groups_showing
from nisam.freshness.touch import touch


def connect() -> None:
    """Listen to models that are shown, and to no other: a listener of deletions makes them slower."""
    for model in apps.get_models():
        if issubclass(model, FreshModel):
            post_save.connect(row_saved, sender=model, dispatch_uid=f"freshness.saved.{model.__name__}")
            post_delete.connect(row_deleted, sender=model, dispatch_uid=f"freshness.deleted.{model.__name__}")
    m2m_changed.connect(relation_changed, dispatch_uid="freshness.related")


def row_saved(sender: Any, *, created: bool, update_fields: Collection[str] | None, using: str, **_: Any) -> None:
    """A row was inserted or updated; `update_fields` tells which of its fields."""
    touch(*groups_showing(sender, EVERY_FIELD if created or update_fields is None else update_fields), using=using)


def row_deleted(sender: Any, *, using: str, **_: Any) -> None:
    """A row was deleted."""
    touch(*groups_showing(sender, EVERY_FIELD), using=using)


def relation_changed(
    *, instance: Any, model: Any, action: str, pk_set: Collection[Any] | None, using: str, **_: Any
) -> None:
    """Rows were joined or parted: both sides show it."""
    if action == "post_clear" or (action.startswith("post_") and pk_set):
        for side in (type(instance), model):
            if issubclass(side, FreshModel):
                touch(*groups_showing(side, EVERY_FIELD), using=using)


def database_migrated(using: str, **_: Any) -> None:
    """A migration may have changed any content, past these models."""
    if Version._meta.db_table not in connections[using].introspection.table_names():  # noqa: SLF001 - Django's documented Meta API
        return
    with transaction.atomic(using=using):
        touch(*Group.values, using=using)
