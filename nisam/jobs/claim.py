"""The right to work on an item: claimed by one conditional UPDATE, renewed while working, given back at the end."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from nisam.jobs.events import Event, append, numbering, record
from nisam.jobs.live.announce import announce_after_commit
from nisam.jobs.models import Job, JobItem, Level, Status, claimable_at
from nisam.jobs.registry import get_job_type
from nisam.lib.errors import Blocks, OperationError
from nisam.lib.updates import IfNull, Plus, update_returning


class LeaseLostError(Exception):
    """This attempt no longer owns its item: nothing it writes may be kept."""


def claim(item_id: uuid.UUID | str, *, worker: str, task_id: str = "") -> JobItem | None:
    """Take a pending item for `worker`, or return None when somebody else has it, it ended, or its time is not come."""
    now = timezone.now()
    claimable = {"pk": item_id, **claimable_at(now)}
    claimed = {
        "status": Status.RUNNING,
        "attempt": Plus(1),
        "ahead": 0,
        "worker": worker,
        "task_id": task_id,
        "started_at": now,
        "lease_expires_at": now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
    }
    begun = {"status": Status.RUNNING, "started_at": IfNull(now), "heartbeat_at": now}
    with transaction.atomic():
        item = next(iter(JobItem.objects.raw(*update_returning(JobItem, claimable, claimed))), None)
        if item is None:
            return None
        item.job = Job.objects.raw(*numbering(item.job_id, 1, "*", current_name=item.target_name, **begun))[0]
        noun = get_job_type(item.job.type).noun
        again = f" (attempt {item.attempt})" if item.attempt > 1 else ""
        started = Event(f"{noun}_start", f"{item.target_name}{again}", data={"target": item.target, "worker": worker})
        append(item.job_id, item.pk, [started], item.job.last_sequence)
        announce_after_commit(item.job_id)
    return item


def write(item: JobItem, returning: str = "id", **changes: Any) -> tuple[Any, ...]:
    """Change the row of an item, not `item` itself; raises LeaseLostError when it has gone to somebody else."""
    with connection.cursor() as cursor:
        cursor.execute(*update_returning(JobItem, item.held, changes, returning))
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise LeaseLostError(str(item))
    return row


def renew(item: JobItem) -> None:
    """Extend the lease; raises LeaseLostError when it has gone to somebody else."""
    now = timezone.now()
    write(item, lease_expires_at=now + timedelta(seconds=settings.JOB_LEASE_SECONDS))
    Job.objects.filter(pk=item.job_id).update(heartbeat_at=now)


def release(item: JobItem, error: OperationError) -> None:
    """Give the item back for a later attempt; raises LeaseLostError when it has gone to somebody else.

    An error that blocks the whole host is not charged to the item; any other makes it wait twice as long each time.
    """
    now = timezone.now()
    blames_item = error.blocks != Blocks.HOST
    # Doubles with every failure: 5 s, 10 s, 20 s …
    wait = error.retry_after * 2**item.failures if blames_item else error.retry_after
    with transaction.atomic():
        write(
            item,
            status=Status.PENDING,
            failures=Plus(int(blames_item)),
            available_at=now + wait,
            woken_at=None,
            lease_expires_at=None,
            error_code=error.code,
            error_message=str(error),
        )
        message = f"{item.target_name}: {error} Trying again in {wait.total_seconds():.0f} s."
        known = item.error_code == error.code and not blames_item  # said once is enough
        data = {"code": error.code, "target": item.target, "status": Status.PENDING}
        events = [] if known else [Event("log", message, Level.WARNING, data)]
        record(item.job_id, item.pk, events, heartbeat_at=now)


def hand_over(worker: str) -> int:
    """Give back, unfailed, what a stopping worker holds; its children stop at their next look. Returns how many."""
    return JobItem.objects.filter(worker=worker, status=Status.RUNNING).update(
        status=Status.PENDING, woken_at=None, lease_expires_at=None
    )
