"""The schedule as JSON, the body that changes it, and that which starts a job."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from channels.follow import SCAN
from nisam.lib.bodies import Body
from nisam.lib.fields import Identifier, Number, Truth
from scraping.begin import FULL
from scraping.schedule import DUE

# A minute and a year.
FEWEST_HOURS, MOST_HOURS = 1 / 60, 24 * 365
PERIODS = ("7d", "30d", "90d")
HOST_STATES = ("well", "resting", "probed", "probe_due")
_COLUMNS = {
    "intervalHours": "usual_minutes",
    "shortestIntervalHours": "shortest_minutes",
    "longestIntervalHours": "longest_minutes",
}


class Milliseconds(serializers.IntegerField):
    """A span of time in whole milliseconds."""

    def to_representation(self, value: Any) -> int:
        """Of a timedelta."""
        return int(value / timedelta(milliseconds=1))


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


class BoundsSerializer(Body):
    """The body of PATCH /api/scheduler: any of its fields."""

    isEnabled = Truth(required=False)
    intervalHours = Number(required=False, allow_null=True, min_value=FEWEST_HOURS, max_value=MOST_HOURS)
    shortestIntervalHours = Number(required=False, allow_null=True, min_value=FEWEST_HOURS, max_value=MOST_HOURS)
    longestIntervalHours = Number(required=False, allow_null=True, min_value=FEWEST_HOURS, max_value=MOST_HOURS)

    def minutes(self) -> dict[str, int | None]:
        """The columns of the schedule's row that change."""
        given = {column: self.validated_data[name] for name, column in _COLUMNS.items() if name in self.validated_data}
        return {column: hours and max(round(hours * 60), 1) for column, hours in given.items()}


class StartSerializer(Body):
    """The body of POST /api/automation/jobs/start: what to read, and whether only what is new is looked for."""

    type = serializers.ChoiceField((FULL, SCAN, DUE))
    targetId = Identifier(required=False, allow_null=True, default=None, help_text="The channel of a channel_scan.")
    incremental = Truth(required=False, default=True, help_text="Only what is new, else every list to its end.")


class StartedSerializer(serializers.Serializer[Any]):
    """A job that was started."""

    success = serializers.BooleanField()
    jobId = serializers.UUIDField()
    message = serializers.CharField()


class JobCountsSerializer(serializers.Serializer[Any]):
    """Jobs by their status."""

    pending = serializers.IntegerField()
    running = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class ChannelCountsSerializer(serializers.Serializer[Any]):
    """Channels by how they are."""

    total = serializers.IntegerField()
    followed = serializers.IntegerField()
    failing = serializers.IntegerField(help_text="Followed, and its last look failed.")
    overdue = serializers.IntegerField(help_text="Due for more than five minutes.")


class StatsSerializer(serializers.Serializer[Any]):
    """What there is, and what the jobs that are kept came to."""

    jobs = JobCountsSerializer()
    channels = ChannelCountsSerializer()
    videosFound = serializers.IntegerField(source="found")
    videosAdded = serializers.IntegerField(source="added")
    videosUpdated = serializers.IntegerField(source="updated")
    videosSkipped = serializers.IntegerField(source="skipped")
    requests = serializers.IntegerField()
    bytesReceived = serializers.IntegerField(source="bytes_received")


class DaySerializer(serializers.Serializer[Any]):
    """What the jobs of a day (UTC) came to."""

    date = serializers.DateField()
    jobs = serializers.IntegerField()
    failedJobs = serializers.IntegerField(source="failed")
    videosFound = serializers.IntegerField(source="sum_found")
    videosAdded = serializers.IntegerField(source="sum_added")
    videosUpdated = serializers.IntegerField(source="sum_updated")
    requests = serializers.IntegerField(source="sum_requests")
    meanDurationMs = Milliseconds(source="mean", allow_null=True)
    longestDurationMs = Milliseconds(source="longest", allow_null=True)
    errors = serializers.DictField(child=serializers.IntegerField(), help_text="Items that failed, by class of error.")  # type: ignore[assignment]  # the API's name


class HostSerializer(serializers.Serializer[Any]):
    """How often a host was asked, against what it may be asked; null where there is no limit."""

    host = serializers.CharField()
    state = serializers.ChoiceField(HOST_STATES)
    openUntil = serializers.DateTimeField(source="open_until", allow_null=True, help_text="Left alone until then.")
    failures = serializers.IntegerField(help_text="In a row.")
    errorCode = serializers.CharField(source="error_code")
    requestsToday = serializers.IntegerField(source="today")
    requestsByDay = serializers.DictField(source="days", child=serializers.IntegerField(), help_text="By date.")
    budgetPerMinute = serializers.IntegerField(source="per_minute", allow_null=True)
    budgetPerDay = serializers.IntegerField(source="per_day", allow_null=True)
    detailsToday = serializers.IntegerField(source="details_today", help_text="Videos' own pages.")
    detailsBudgetPerDay = serializers.IntegerField(source="details_per_day")


class AnalyticsSerializer(serializers.Serializer[Any]):
    """The days of a period, today last, and every host."""

    period = serializers.ChoiceField(PERIODS)
    days = DaySerializer(many=True)
    hosts = HostSerializer(many=True)
