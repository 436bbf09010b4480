"""The schedule as JSON, the body that changes it, and that which starts a job."""

from typing import Any

from rest_framework import serializers

from channels.follow import SCAN
from nisam.lib.fields import Identifier, Number, Truth
from scraping.begin import FULL
from scraping.schedule import DUE

# A minute and a year.
FEWEST_HOURS, MOST_HOURS = 1 / 60, 24 * 365
_COLUMNS = {
    "intervalHours": "usual_minutes",
    "shortestIntervalHours": "shortest_minutes",
    "longestIntervalHours": "longest_minutes",
}


class SchedulerSerializer(serializers.Serializer[Any]):
    """How the schedule is."""

    isEnabled = serializers.BooleanField(help_text="Whether Beat hands out what is due.")
    intervalHours = serializers.FloatField(help_text="Of a list whose rhythm nobody knows yet.")
    shortestIntervalHours = serializers.FloatField(help_text="No list is looked at more often.")
    longestIntervalHours = serializers.FloatField(help_text="Every list is looked at so often at least.")
    lastRun = serializers.DateTimeField(allow_null=True, help_text="When what was due was last handed out.")
    nextRun = serializers.DateTimeField(allow_null=True, help_text="When there is something to hand out again.")
    isRunning = serializers.BooleanField(help_text="Whether a job that the schedule made is not done yet.")
    overdueChannels = serializers.IntegerField(min_value=0, help_text="Due for more than five minutes.")
    beatAlive = serializers.BooleanField()
    workersAlive = serializers.BooleanField()
    lastHeartbeat = serializers.DateTimeField(allow_null=True, help_text="Of any worker.")
    workers = serializers.IntegerField(min_value=0)
    idleQueues = serializers.ListField(child=serializers.CharField(), help_text="Queues that no worker takes from.")
    problems = serializers.ListField(child=serializers.CharField(), help_text="What does not work, in sentences.")


class RunSerializer(SchedulerSerializer):
    """The same, with the job that was made."""

    jobId = serializers.UUIDField(allow_null=True)


class BoundsSerializer(serializers.Serializer[Any]):
    """The body of PATCH /api/scheduler: any of its fields."""

    isEnabled = Truth(required=False)
    intervalHours = Number(required=False, allow_null=True, min_value=FEWEST_HOURS, max_value=MOST_HOURS)
    shortestIntervalHours = Number(required=False, allow_null=True, min_value=FEWEST_HOURS, max_value=MOST_HOURS)
    longestIntervalHours = Number(required=False, allow_null=True, min_value=FEWEST_HOURS, max_value=MOST_HOURS)

    def minutes(self) -> dict[str, int | None]:
        """The columns of the schedule's row that change."""
        given = {column: self.validated_data[name] for name, column in _COLUMNS.items() if name in self.validated_data}
        return {column: hours and max(round(hours * 60), 1) for column, hours in given.items()}


class StartSerializer(serializers.Serializer[Any]):
    """The body of POST /api/automation/jobs/start: what to read, and whether only what is new is looked for."""

    type = serializers.ChoiceField((FULL, SCAN, DUE))
    targetId = Identifier(required=False, allow_null=True, default=None, help_text="The channel of a channel_scan.")
    incremental = Truth(required=False, default=True, help_text="Only what is new, else every list to its end.")


class StartedSerializer(serializers.Serializer[Any]):
    """A job that was started."""

    success = serializers.BooleanField()
    jobId = serializers.UUIDField()
    message = serializers.CharField()
