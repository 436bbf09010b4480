"""The right to work on an item: claimed by one conditional UPDATE, renewed while working, given back at the end."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from nisam.jobs.events import Event, record
from nisam.jobs.models import Job, JobItem, Level, Status
from nisam.jobs.registry import get_job_type
from nisam.lib.errors import Blocks, OperationError


class LeaseLostError(Exception):
    """This attempt no longer owns its item: nothing it writes may be kept."""


def claim(item_id: uuid.UUID | str, *, worker: str, task_id: str = "") -> JobItem | None:
    """Take a pending item for `worker`, or return None when somebody else has it, it ended, or its time is not come."""
    now = timezone.now()
    with transaction.atomic():
        taken = (
            JobItem.objects.claimable(now)
            .filter(pk=item_id)
            .update(
                status=Status.RUNNING,
                attempt=F("attempt") + 1,
                worker=worker,
                task_id=task_id,
                started_at=now,
                lease_expires_at=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
            )
        )
        if not taken:
            return None
        item = JobItem.objects.select_related("job").get(pk=item_id)
        noun = get_job_type(item.job.type).noun
        again = f" (attempt {item.attempt})" if item.attempt > 1 else ""
        started = Event(f"{noun}_start", f"{item.target_name}{again}", data={"target": item.target, "worker": worker})
        record(
            item.job_id,
            item.pk,
            [started],
            status=Status.RUNNING,
            started_at=Coalesce(F("started_at"), Value(now)),
            heartbeat_at=now,
            current_name=item.target_name,
        )
    return item


def renew(item: JobItem) -> None:
    """Extend the lease; raises LeaseLostError when it has gone to somebody else."""
    now = timezone.now()
    lease = now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
    if not JobItem.objects.held_by(item).update(lease_expires_at=lease):
        raise LeaseLostError(str(item))
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
        given_back = JobItem.objects.held_by(item).update(
            status=Status.PENDING,
            failures=F("failures") + int(blames_item),
            available_at=now + wait,
            woken_at=None,
            lease_expires_at=None,
            error_code=error.code,
            error_message=str(error),
        )
        if not given_back:
            raise LeaseLostError(str(item))
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
