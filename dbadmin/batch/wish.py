"""What somebody wants done to databases: a job's options as an object."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from dbadmin.errors import FleetError
from dbadmin.models import DatabaseRecordQuerySet, What
from dbadmin.selection import Selection
from dbadmin.states import Status
from nisam.jobs.models import Job


class BadWishError(FleetError):
    """What was asked for makes no sense as a whole."""

    code = "bad_request"
    permanent = True


@dataclass(frozen=True)
class Wish:
    """A kind of change for a selection of a fleet's databases.

    `to_version` None is the latest. `allow_destructive` agrees to what the latest dry run of each database showed, or
    the one whose job is `planned_by`, which alone agrees to what loses nothing; `plan_hash` to that plan of a single
    one. `snapshot` is what a rollback brings back.
    """

    fleet: str
    what: What
    selection: Selection
    to_version: int | None = None
    dry_run: bool = False
    allow_destructive: bool = False
    plan_hash: str = ""
    planned_by: str = ""
    snapshot: str = ""

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Wish":
        """Of a job's options."""
        return cls(**{**data, "what": What(data["what"]), "selection": Selection.from_data(data["selection"])})

    def as_data(self) -> dict[str, Any]:
        """For a job's options."""
        return {**self.__dict__, "what": self.what.value, "selection": self.selection.as_data()}

    def chosen(self) -> DatabaseRecordQuerySet:
        """The rows it is about. Of many, those are left out that are known to need nothing; of ids, none is."""
        records = self.selection.records(self.fleet).present()
        if self.selection.ids:
            return records
        if self.what == What.SALVAGE:
            return records.filter(status=Status.CORRUPT)
        well = Q(status=Status.CURRENT, flags=[])
        if self.to_version is not None:
            well = Q(version=self.to_version, status__in=(Status.CURRENT, Status.OUTDATED), flags=[])
        # An unknown version is never modified, and what is damaged is to be salvaged first.
        return records.exclude(well).exclude(status__in=(Status.UNKNOWN_VERSION, Status.CORRUPT))


def deed_of(job: Job) -> str:
    """What a job over databases does, to whichever it is: migrate to version 3, dry run."""
    to_version = f" to version {job.options['to_version']}" if job.options.get("to_version") else ""
    dry_run = ", dry run" if job.options.get("dry_run") else ""
    return f"{job.type.removeprefix('database_')}{to_version}{dry_run}"
