"""Ending an item, and the job with its last one."""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from nisam.jobs.claim import write
from nisam.jobs.events import Event, record
from nisam.jobs.models import ACTIVE, FINISHED, Job, JobItem, Level, Status
from nisam.jobs.registry import get_job_type, tell_ended
from nisam.lib.updates import Plus

_COUNTED_AS = {
    Status.COMPLETED: "succeeded_items",
    Status.FAILED: "failed_items",
    Status.CANCELLED: "cancelled_items",
}
_TOLD = ("found", "added", "updated", "skipped", "done")
_SETTLE = """
UPDATE jobs_job SET processed_channels = processed_channels + CASE
  WHEN EXISTS (SELECT 1 FROM jobs_jobitem WHERE job_id = %s AND channel_id = %s AND status IN (%s, %s)) THEN 0
  ELSE %s END
WHERE id = %s RETURNING succeeded_items + failed_items + cancelled_items >= total_items"""
_LEVEL = {Status.COMPLETED: Level.INFO, Status.FAILED: Level.ERROR, Status.CANCELLED: Level.WARNING}


def finish(
    item: JobItem, status: Status, *, code: str = "", message: str = "", outcome: str = "", **changes: Any
) -> None:
    """End a running item in `status`, count it once, and end its job when it was the last.

    `message` is the error's; `outcome` says in the log what came of an item that is done.

    The attempt that runs the item calls this; raises LeaseLostError when the item has gone to somebody else.
    """
    with transaction.atomic():
        end(item, status, outcome=outcome, error_code=code, error_message=message, **changes)
        settle(item)


def end(
    item: JobItem,
    status: Status,
    *,
    outcome: str = "",
    events: Sequence[Event] = (),
    counted: Mapping[str, Any] | None = None,
    **changes: Any,
) -> None:
    """End an item in an open transaction, with what its last step logs and adds to the job's row; `settle` follows."""
    changes = {"error_code": "", "error_message": "", **changes}
    changes |= {"status": status, "completed_at": timezone.now(), "lease_expires_at": None, "ahead": 0}
    counters = write(item, returning=", ".join(_TOLD), **changes)
    for name, value in {**changes, **dict(zip(_TOLD, counters, strict=True))}.items():
        setattr(item, name, value)
    done = _done_event(item, get_job_type(item.job.type).noun, outcome)
    record(item.job_id, item.pk, [*events, done], **{_COUNTED_AS[status]: Plus(1), **(counted or {})})


def settle(item: JobItem) -> None:
    """After `end`, in its transaction: count the channel whose last item this was, and end the job with its last one.

    Under the job row's lock, so that of two last ones one counts the channel.
    """
    counts = 1 if item.channel_id else 0
    channel_id = item.channel_id.hex if item.channel_id else None
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [item.job_id.hex, channel_id, *ACTIVE, counts, item.job_id.hex])
        (is_done,) = cursor.fetchone()
    if is_done:
        finish_job_if_done(item.job_id)


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
