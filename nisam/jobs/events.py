"""Writing a job's log: every event takes its number under the job row's lock, in the transaction of its data."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from nisam.jobs.models import Job, JobEvent, Level, locked_sequence


@dataclass(frozen=True)
class Event:
    """An event that has no number yet."""

    name: str
    message: str = ""
    level: Level = Level.INFO
    data: dict[str, Any] = field(default_factory=dict)


def record(job_id: uuid.UUID, item_id: uuid.UUID | None, events: Sequence[Event], **changes: Any) -> None:
    """Append `events` to a job's log and apply `changes` to the job's row. Must run inside a transaction."""
    if not events:
        Job.objects.filter(pk=job_id).update(**changes)
        return
    sequence = locked_sequence(job_id, len(events), **changes)
    now = timezone.now()
    JobEvent.objects.bulk_create(
        JobEvent(
            job_id=job_id,
            item_id=item_id,
            sequence=sequence + offset,
            time=now,
            level=event.level,
            name=event.name,
            message=event.message,
            data=event.data,
        )
        for offset, event in enumerate(events)
    )
