"""Saving selections of databases."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from dbadmin.errors import FleetError
from dbadmin.models import DatabaseRecord, DatabaseRecordQuerySet, SavedList


class ListExistsError(FleetError):
    """A list of that name is there already."""

    code = "list_exists"
    permanent = True


@dataclass(frozen=True)
class Saved:
    """A list that was made, how many ids it has, which were unknown and which were named twice."""

    saved: SavedList
    found: int
    unknown: list[str]
    duplicate: list[str]


def save_ids(fleet: str, name: str, ids: Sequence[str], *, created_by: str) -> Saved:
    """Make a list of ids, as somebody pasted them. Raises ListExistsError."""
    counted = Counter(ids)
    records = DatabaseRecord.objects.of(fleet).filter(database_id__in=list(counted))
    saved = save_records(fleet, name, records, created_by=created_by)
    known = set(records.values_list("database_id", flat=True))
    return Saved(
        saved,
        found=len(known),
        unknown=[one for one in counted if one not in known],
        duplicate=[one for one, times in counted.items() if times > 1],
    )


def save_records(fleet: str, name: str, records: DatabaseRecordQuerySet, *, created_by: str) -> SavedList:
    """Make a list of databases. Raises ListExistsError."""
    try:
        with transaction.atomic():
            saved = SavedList.objects.create(fleet=fleet, name=name, created_by=created_by)
            saved.databases.set(records.order_by("database_id"))
    except IntegrityError as error:
        raise ListExistsError(f"A list is called {name!r} already; choose another name.") from error
    return saved
