"""Which databases of a fleet somebody means: by id, by what they are filtered by, or all."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dbadmin.change.snapshots import Snapshots
from dbadmin.errors import UnknownDatabaseError, UnknownListError
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord, DatabaseRecordQuerySet, SavedList

# Named in an error, the rest is counted.
NAMED = 5


@dataclass(frozen=True)
class Selection:
    """Databases for which all that is given holds; with nothing given, the whole fleet."""

    ids: tuple[str, ...] = ()
    status: str = ""
    version: int | None = None
    without_version: bool = False
    flag: str = ""
    plan_class: str = ""
    search: str = ""
    list_id: str = ""

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Selection":
        """Of a job's options."""
        return cls(**{**data, "ids": tuple(data.get("ids", ()))})

    def as_data(self) -> dict[str, Any]:
        """For a job's options."""
        return asdict(self)

    def records(self, fleet: str) -> DatabaseRecordQuerySet:
        """Their rows in the order of the ids; those whose file is gone only where they are asked for by status."""
        equal = {"version": self.version, "plan_class": self.plan_class, "lists__id": self.list_id}
        given = {name: value for name, value in equal.items() if value not in {None, ""}}
        rows = DatabaseRecord.objects.of(fleet).filter(**given)
        found = rows.with_health(self.status) if self.status else rows.present()
        if self.ids:
            found = found.filter(database_id__in=self.ids)
        if self.without_version:
            found = found.filter(version=None)
        if self.flag:
            found = found.with_flag(self.flag)
        if self.search:
            found = found.with_prefix(self.search)
        return found.order_by("database_id")


def check_list(fleet: Fleet, list_id: str) -> None:
    """Raise UnknownListError for a saved list that a fleet does not have; it would select nothing."""
    if list_id and not SavedList.objects.filter(fleet=fleet.name, pk=list_id).exists():
        raise UnknownListError(
            f"The fleet has no list {list_id}; those it has are under Saved lists, and at "
            f"/api/admin/databases/lists?fleet={fleet.name}."
        )


def check_ids(fleet: Fleet, ids: Collection[str], *, may_be_gone: bool = False) -> None:
    """Raise InvalidIdError for what cannot be an id of a fleet, UnknownDatabaseError for what it does not have.

    Nor may its file be gone, but where that is what is to be mended.
    """
    if not ids:
        return
    for database_id in ids:
        fleet.path_of(database_id)
    rows = DatabaseRecord.objects.of(fleet.name).filter(database_id__in=ids)
    unknown = sorted(set(ids) - set(rows.values_list("database_id", flat=True)))
    if unknown:
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        words = ", ".join(unknown[:NAMED])
        raise UnknownDatabaseError(
            f"The fleet has no {words}{more}, as of its last scan; a scan of the whole fleet finds what is new."
        )
    if may_be_gone:
        return
    if gone := list(rows.filter(missing_since__isnull=False).order_by("database_id")):
        raise UnknownDatabaseError(_words_of_gone(fleet, gone))


def _words_of_gone(fleet: Fleet, gone: Sequence[DatabaseRecord]) -> str:
    first = gone[0]
    more = f", and {len(gone) - 1} more of those named are gone" if len(gone) > 1 else ""
    since = f"{first.missing_since:%Y-%m-%d}"
    said = f"The file of {first.database_id} is gone since {since}{more}; scan the fleet if it is back."
    if Snapshots(fleet.snapshots_folder).of(first.database_id):
        said += f" Bring back one of its snapshots: fleet snapshots {first.database_id}{fleet.option}"
    return said


def pages(records: DatabaseRecordQuerySet, *, after: str = "", size: int) -> Iterator[list[DatabaseRecord]]:
    """Rows whose ids come after one, by id, page by page, each page as it is when its turn comes."""
    while page := list(records.filter(database_id__gt=after).order_by("database_id")[:size]):
        yield page
        after = page[-1].database_id
