"""Ending an item, and the job with its last one."""

import uuid
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from nisam.jobs.claim import LeaseLostError
from nisam.jobs.events import Event, record
from nisam.jobs.models import FINISHED, Job, JobItem, Level, Status
from nisam.jobs.registry import get_job_type, tell_ended

_COUNTED_AS = {
    Status.COMPLETED: "succeeded_items",
    Status.FAILED: "failed_items",
    Status.CANCELLED: "cancelled_items",
}
_LEVEL = {Status.COMPLETED: Level.INFO, Status.FAILED: Level.ERROR, Status.CANCELLED: Level.WARNING}


def finish(
    item: JobItem, status: Status, *, code: str = "", message: str = "", outcome: str = "", **changes: Any
) -> None:
    """End a running item in `status`, count it once, and end its job when it was the last.

    `message` is the error's; `outcome` says in the log what came of an item that is done.

    The attempt that runs the item calls this; raises LeaseLostError when the item has gone to somebody else.
    """
    with transaction.atomic():
        ended = JobItem.objects.held_by(item).update(
            status=status,
            completed_at=timezone.now(),
            lease_expires_at=None,
            error_code=code,
            error_message=message,
            **changes,
        )
        if not ended:
            raise LeaseLostError(str(item))
        item.refresh_from_db()
        noun = get_job_type(item.job.type).noun
        counted = _COUNTED_AS[status]
        record(item.job_id, item.pk, [_done_event(item, noun, outcome)], **{counted: F(counted) + 1})
        _count_channel(item)
        finish_job_if_done(item.job_id)


def _count_channel(item: JobItem) -> None:
    """Count the channel whose last item this was; under the job row's lock, so that of two last ones one counts it."""
    if item.channel_id and not JobItem.objects.of_same_channel(item).active().exists():
        Job.objects.filter(pk=item.job_id).update(processed_channels=F("processed_channels") + 1)


def _done_event(item: JobItem, noun: str, outcome: str) -> Event:
    counted = f"{item.found} found, {item.added} added, {item.updated} updated" if item.done else "done"
    words = {
        Status.COMPLETED: outcome or counted,
        Status.FAILED: item.error_message,
        Status.CANCELLED: "cancelled",
    }[Status(item.status)]
    data = {
        "target": item.target,
        "status": item.status,
        "code": item.error_code,
        **{name: getattr(item, name) for name in ("found", "added", "updated", "skipped")},
    }
    return Event(f"{noun}_done", f"{item.target_name}: {words}", _LEVEL[Status(item.status)], data)


def finish_job_if_done(job_id: uuid.UUID) -> None:
    """End a job all of whose items have ended. Must run inside the transaction that ended the last one."""
    job = Job.objects.get(pk=job_id)
    if job.status in FINISHED or job.processed_items < job.total_items:
        return
    if job.cancelled_items:
        status, message = Status.CANCELLED, ""
    elif job.failed_items == job.total_items:
        first = job.items.filter(status=Status.FAILED).first()
        status, message = Status.FAILED, first.error_message if first else ""
    else:
        failed = f"{job.failed_items} of {job.total_items} targets failed." if job.failed_items else ""
        status, message = Status.COMPLETED, failed
    done = Event(
        "job_done",
        f"{status}: {job.found} found, {job.added} added, {job.updated} updated, {job.skipped} unchanged",
        _LEVEL[status],
        {"status": status, "failedItems": job.failed_items},
    )
    record(
        job_id,
        None,
        [done],
        status=status,
        completed_at=timezone.now(),
        error_message=message,
        current_name="",
    )
    # After the commit: it locks other rows, which come before the job's in the order of locks.
    transaction.on_commit(partial(tell_ended, job), robust=True)
