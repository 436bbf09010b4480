"""The rows of JobEvent as django-eventstream's event storage."""

from typing import Any

from django_eventstream.event import Event
from django_eventstream.storage import EventDoesNotExist, StorageBase

from nisam.jobs.live.topics import job_of
from nisam.jobs.models import Job, JobEvent
from nisam.jobs.serializers import LogEntrySerializer


class JobEventStorage(StorageBase):  # type: ignore[misc]  # the library has no types
    """Reads the logs of jobs. Only `nisam.jobs.events.record` writes them, so `append_event` is not there."""

    def get_events(self, channel: str, last_id: int, limit: int = 100) -> list[Event]:
        """The entries of a topic that follow `last_id`, at most `limit`; their data is the API's log entry."""
        rows = JobEvent.objects.filter(job=job_of(channel), sequence__gt=last_id).with_channel()[:limit]
        serializer = LogEntrySerializer()
        return [Event(channel, row.name, serializer.to_representation(row), row.sequence) for row in rows]

    def get_current_id(self, channel: str) -> Any:
        """The number of a topic's last entry. Raises EventDoesNotExist where the job is gone."""
        last = Job.objects.filter(pk=job_of(channel)).values_list("last_sequence", flat=True).first()
        if last is None:
            raise EventDoesNotExist(f"There is no {channel}.", 0)
        return last
