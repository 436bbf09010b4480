"""Request bodies about databases."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from dbadmin.batch.wish import Wish
from dbadmin.fleets import BUILT_IN, Fleet, get_fleet
from dbadmin.models import Health, What
from dbadmin.selection import Selection
from nisam.lib.bodies import Body
from nisam.lib.fields import Id, Text, Truth, Whole

MOST_IDS = 10_000
LONGEST_ID = 255
LARGEST_VERSION = 9999


class FleetBody(Body):
    """What every body has."""

    fleet = serializers.ChoiceField(sorted(settings.FLEETS), required=False, default=BUILT_IN)

    def fleet_meant(self) -> Fleet:
        """The fleet."""
        return get_fleet(self.validated_data["fleet"])


class FilterBody(Body):
    """Databases for which all of this holds."""

    status = serializers.ChoiceField(Health.choices, required=False)
    version = Whole(min_value=-(2**63), max_value=2**63 - 1, required=False, help_text="As the files declare it.")
    search = Text(max_length=200, required=False)
    list = Id(required=False, help_text="A saved list.")


class SelectionBody(FleetBody):
    """Databases by id or by a filter; all if neither is given."""

    ids = serializers.ListField(
        child=Text(max_length=LONGEST_ID, trim_whitespace=False), required=False, min_length=1, max_length=MOST_IDS
    )
    filter = FilterBody(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raises ValidationError for ids beside a filter, which could only mean one of the two."""
        if "ids" in attrs and "filter" in attrs:
            raise serializers.ValidationError({"filter": ["Name ids or give a filter, not both."]})
        return attrs

    def selection(self) -> Selection:
        """The databases meant."""
        wanted = self.validated_data.get("filter", {})
        return Selection(
            ids=tuple(dict.fromkeys(self.validated_data.get("ids", ()))),
            status=wanted.get("status", ""),
            version=wanted.get("version"),
            search=wanted.get("search", ""),
            list_id=str(wanted.get("list", "")),
        )


class ChangeOptions(Body):
    """How databases are to be changed."""

    toVersion = Whole(
        min_value=1,
        max_value=LARGEST_VERSION,
        required=False,
        help_text="The latest if absent; a migration needs it.",
    )
    dryRun = Truth(required=False, default=False, help_text="Only plan: the job's result has the plans.")
    allowDestructive = Truth(
        required=False, default=False, help_text="Agree to the losses that the latest dry run of each database showed."
    )
    planHash = Text(
        max_length=64, required=False, default="", allow_blank=True, help_text="Agree to this plan of one database."
    )


class ChangeBody(SelectionBody, ChangeOptions):
    """The body of a change of many."""

    def wish(self, what: What) -> Wish:
        """What is wanted."""
        return _wish(self.fleet_meant(), what, self.selection(), self.validated_data)


class OneChangeBody(FleetBody, ChangeOptions):
    """The body of a change of the database that the address names."""

    def wish(self, what: What, database_id: str) -> Wish:
        """What is wanted."""
        return _wish(self.fleet_meant(), what, Selection(ids=(database_id,)), self.validated_data)


class RollbackBody(FleetBody):
    """The body of a rollback."""

    snapshotId = Text(max_length=400)
    allowDestructive = Truth(required=False, default=False, help_text="Also when rows written since would be lost.")

    def wish(self, what: What, database_id: str) -> Wish:
        """What is wanted."""
        return Wish(
            self.validated_data["fleet"],
            what,
            Selection(ids=(database_id,)),
            snapshot=self.validated_data["snapshotId"],
            allow_destructive=self.validated_data["allowDestructive"],
        )


class SalvageBody(FleetBody):
    """The body of a salvage."""

    def wish(self, what: What, database_id: str) -> Wish:
        """What is wanted."""
        return Wish(self.validated_data["fleet"], what, Selection(ids=(database_id,)))


def _wish(fleet: Fleet, what: What, selection: Selection, data: dict[str, Any]) -> Wish:
    return Wish(
        fleet.name,
        what,
        selection,
        to_version=data.get("toVersion"),
        dry_run=data["dryRun"],
        allow_destructive=data["allowDestructive"],
        plan_hash=data["planHash"],
    )


class BatchStartedSerializer(serializers.Serializer[Any]):
    """The job that was started, or joined."""

    jobId = serializers.UUIDField()
    status = serializers.CharField()
