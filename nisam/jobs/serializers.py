"""Jobs, items and log entries as JSON."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from nisam.jobs.models import Job, JobEvent, JobItem
from nisam.jobs.pace import Pace, measure
from nisam.jobs.registry import progress_of
from nisam.lib.rendering import ReadSerializer, ShownSerializer


class JobSerializer(ShownSerializer[Job]):
    """A job in the API's names."""

    progress = serializers.SerializerMethodField()
    totalItems = serializers.IntegerField(source="total_items")
    processedItems = serializers.IntegerField(source="processed_items")
    succeededItems = serializers.IntegerField(source="succeeded_items")
    failedItems = serializers.IntegerField(source="failed_items")
    cancelledItems = serializers.IntegerField(source="cancelled_items")
    # An item that was cancelled is one that was passed over.
    skippedItems = serializers.IntegerField(source="cancelled_items")
    totalChannels = serializers.IntegerField(source="total_channels")
    processedChannels = serializers.IntegerField(source="processed_channels")
    currentChannelName = serializers.CharField(source="current_name")
    videosFound = serializers.IntegerField(source="found")
    videosAdded = serializers.IntegerField(source="added")
    videosUpdated = serializers.IntegerField(source="updated")
    videosSkipped = serializers.IntegerField(source="skipped")
    videosPerMinute = serializers.SerializerMethodField()
    channelsPerMinute = serializers.SerializerMethodField()
    bytesReceived = serializers.IntegerField(source="bytes_received")
    requestedBy = serializers.CharField(source="requested_by")
    createdAt = serializers.DateTimeField(source="created_at")
    startedAt = serializers.DateTimeField(source="started_at", allow_null=True)
    heartbeatAt = serializers.DateTimeField(source="heartbeat_at", allow_null=True)
    completedAt = serializers.DateTimeField(source="completed_at", allow_null=True)
    durationMs = serializers.SerializerMethodField()
    errorMessage = serializers.CharField(source="error_message")
    result = serializers.DictField()
    lastSequence = serializers.IntegerField(source="last_sequence", help_text="Up to this entry of its log it counts.")

    _paces: dict[UUID, Pace] | None = None

    class Meta:
        model = Job
        fields: Any = (
            "id", "type", "status", "progress", "totalItems", "processedItems", "succeededItems", "failedItems",
            "skippedItems", "cancelledItems", "totalChannels", "processedChannels", "currentChannelName",
            "videosFound", "videosAdded", "videosUpdated", "videosSkipped", "videosPerMinute", "channelsPerMinute",
            "requests", "bytesReceived", "requestedBy", "attempt", "createdAt", "startedAt", "heartbeatAt",
            "completedAt", "durationMs", "errorMessage", "result", "lastSequence",
        )  # fmt: skip

    def get_progress(self, job: Job) -> int | dict[str, Any]:
        """Percent; of a job over databases {total, processed, current, repaired, failed}."""
        return progress_of(job)

    def get_videosPerMinute(self, job: Job) -> float:  # noqa: N802 - the API's name
        """Videos seen per minute: of late while it runs, on average when it has ended."""
        return self._pace(job).videos

    def get_channelsPerMinute(self, job: Job) -> float:  # noqa: N802 - the API's name
        """Channels done with per minute: of late while it runs, on average when it has ended."""
        return self._pace(job).channels

    def _pace(self, job: Job) -> Pace:
        """Measured for all of a list at once."""
        if self._paces is None:
            rows = self.parent.instance if self.parent else [job]
            self._paces = measure(list(rows or [job]))
        return self._paces[job.pk]

    def get_durationMs(self, job: Job) -> int | None:  # noqa: N802 - the API's name
        """Milliseconds from the first claim to the end, or until now."""
        return int(job.duration.total_seconds() * 1000) if job.duration else None


class JobItemSerializer(ShownSerializer[JobItem]):
    """An item in the API's names."""

    targetName = serializers.CharField(source="target_name")
    startedAt = serializers.DateTimeField(source="started_at", allow_null=True)
    durationMs = serializers.SerializerMethodField()
    videosFound = serializers.IntegerField(source="found")
    videosAdded = serializers.IntegerField(source="added")
    videosUpdated = serializers.IntegerField(source="updated")
    videosSkipped = serializers.IntegerField(source="skipped")
    errorCode = serializers.CharField(source="error_code")
    errorMessage = serializers.CharField(source="error_message")

    class Meta:
        model = JobItem
        fields: Any = (
            "id", "target", "targetName", "status", "attempt", "startedAt", "durationMs", "videosFound",
            "videosAdded", "videosUpdated", "videosSkipped", "errorCode", "errorMessage",
        )  # fmt: skip

    def get_durationMs(self, item: JobItem) -> int | None:  # noqa: N802 - the API's name
        """Milliseconds from the last claim to the end, or until now."""
        return int(item.duration.total_seconds() * 1000) if item.duration else None


class LogEntrySerializer(ReadSerializer[JobEvent]):
    """A line of a job's log in the API's names, for the log and the stream alike. Reads rows of `with_channel`."""

    event = serializers.CharField(source="name")
    channelId = serializers.UUIDField(source="channel_id", allow_null=True)
    channelName = serializers.CharField(source="channel_name")
    data = serializers.DictField()  # type: ignore[assignment]  # the API's name

    class Meta:
        model = JobEvent
        fields: Any = ("sequence", "time", "level", "event", "message", "channelId", "channelName", "data")
