"""The reaper: hands out again what a dead worker held, wakes what the broker forgot, ends what will not stop."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from nisam.jobs.broker import queue_length, terminate, wake
from nisam.jobs.claim import LeaseLostError
from nisam.jobs.events import Event, record
from nisam.jobs.finish import finish
from nisam.jobs.models import LOST, MAX_LOSSES, JobItem, Level, Status
from nisam.jobs.registry import get_job_type

logger = logging.getLogger(__name__)

BATCH = 500
# A message older than this that no worker took, with its queue empty, is lost.
LOST_MESSAGE_AFTER = timedelta(seconds=30)
# In a queue that is never empty a lost message cannot be told from a waiting one: after this long it is sent again.
LOST_FOR_SURE_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Reaped:
    """What one round did: items handed out again, failed as lost, fenced off after a cancel, woken."""

    handed_out: int
    lost: int
    terminated: int
    woken: int


def reap() -> Reaped:
    """One round. Safe to run at any time and any number of times at once: every change is conditional."""
    handed_out, lost = _expire_leases()
    return Reaped(handed_out, lost, _end_what_ignored_cancel(), _wake_pending())


def _expire_leases() -> tuple[int, int]:
    handed_out = lost = 0
    for item in JobItem.objects.expired(timezone.now()).select_related("job")[:BATCH]:
        try:
            if item.losses + 1 < MAX_LOSSES:
                _hand_out_again(item)
                handed_out += 1
            else:
                message = f"Its worker was lost {MAX_LOSSES} times: killed, or cut off from the database."
                finish(item, Status.FAILED, code=LOST, message=message, losses=MAX_LOSSES)
                lost += 1
        except LeaseLostError:
            logger.info("%s was settled by somebody else meanwhile", item)
    return handed_out, lost


def _hand_out_again(item: JobItem) -> None:
    with transaction.atomic():
        expired = JobItem.objects.held_by(item).filter(lease_expires_at__lt=timezone.now())
        taken = expired.update(status=Status.PENDING, losses=F("losses") + 1, woken_at=None, lease_expires_at=None)
        if not taken:
            raise LeaseLostError(str(item))
        message = f"{item.target_name}: worker {item.worker} is gone; handing the work out again"
        data = {"code": LOST, "target": item.target, "status": Status.PENDING}
        record(item.job_id, item.pk, [Event("log", message, Level.WARNING, data)])


def _end_what_ignored_cancel() -> int:
    deadline = timezone.now() - timedelta(seconds=settings.JOB_CANCEL_GRACE_SECONDS)
    ended = 0
    stubborn = JobItem.objects.filter(status=Status.RUNNING, job__cancel_requested_at__lt=deadline)
    for item in stubborn.select_related("job")[:BATCH]:
        try:
            finish(item, Status.CANCELLED, message="It did not stop in time and was terminated.")
        except LeaseLostError:
            continue  # it stopped by itself after all
        terminate(item.task_id)
        ended += 1
    return ended


def _wake_pending() -> int:
    now = timezone.now()
    pending = JobItem.objects.claimable(now).select_related("job")
    old = Q(woken_at=None) | Q(woken_at__lt=now - LOST_MESSAGE_AFTER)
    due = list(pending.filter(old).order_by("available_at")[:BATCH])
    lengths = {queue: queue_length(queue) for queue in {get_job_type(item.job.type).queue for item in due}}

    def to_wake(item: JobItem) -> bool:
        # A message that still waits in its queue is not lost; sending it again would only make the queue longer.
        if item.woken_at is None or lengths[get_job_type(item.job.type).queue] == 0:
            return True
        return item.woken_at < now - LOST_FOR_SURE_AFTER

    return wake(item for item in due if to_wake(item))
