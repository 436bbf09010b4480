"""The versions of the content, and what a model declares of it."""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.db import models, transaction

from nisam.freshness.touch import touch


class Group(models.TextChoices):
    """Content that changes together; a public answer is made of one or several of them."""

    VIDEOS = "videos"
    CHANNELS = "channels"
    TAXONOMY = "taxonomy"
    HERO = "hero"
    DATABASES = "databases"


class Version(models.Model):
    """What a group's content is called now: a random token, because a counter could come back with other content."""

    group = models.CharField(primary_key=True, max_length=20, choices=Group)
    token = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.group} {self.token}"


# In `shown_in`: whatever field changes.
EVERY_FIELD: frozenset[str] = frozenset({"*"})


Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class FreshQuerySet(models.QuerySet[Row_co]):
    """A QuerySet whose bulk writes change the versions of the content they touch, in their own transaction."""

    def update(self, **values: Any) -> int:
        """Update, and touch the groups that show one of these fields if any row changed."""
        with transaction.atomic(using=self.db, savepoint=False):
            changed = super().update(**values)
            if changed:
                self._touch(values)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Insert, and touch the groups that show such rows if there are any."""
        with transaction.atomic(using=self.db, savepoint=False):
            made = super().bulk_create(objs, *args, **options)
            if made:
                self._touch(EVERY_FIELD)
        return made

    def _raw_delete(self, using: str | None) -> int:
        """Delete without looking at the rows, as Django does where nothing hangs on them."""
        with transaction.atomic(using=using, savepoint=False):
            gone: int = super()._raw_delete(using)
            if gone:
                self._touch(EVERY_FIELD)
        return gone

    def _touch(self, fields: Iterable[str]) -> None:
        touch(*groups_showing(self.model, fields), using=self.db)


class FreshModel(models.Model):
    """A model whose rows are shown to the public: its writes change the versions of what shows them.

    `shown_in` says which groups show which of its fields. A row that comes or goes changes all of them.
    """

    shown_in: ClassVar[dict[Group, frozenset[str]]] = {}

    class Meta:
        abstract = True

    def save_base(self, *args: Any, **options: Any) -> None:
        """Save in a transaction, so that the row and the versions change together."""
        with transaction.atomic(using=options.get("using"), savepoint=False):
            super().save_base(*args, **options)


def groups_showing(model: type[models.Model], fields: Iterable[str]) -> list[Group]:
    """The groups that show one of these fields of a model's rows; all of its groups for EVERY_FIELD."""
    changed = {_field_name(model, name) for name in fields}
    shown: dict[Group, frozenset[str]] = getattr(model, "shown_in", {})
    return [group for group, seen in shown.items() if EVERY_FIELD in (changed, seen) or not changed.isdisjoint(seen)]


def _field_name(model: type[models.Model], name: str) -> str:
    """`channel_id` is the field `channel`."""
    return name if name in {"*", "pk"} else model._meta.get_field(name).name  # noqa: SLF001 - Django's documented Meta API
