"""Stopping a job: the wish is written, pending items end at once, running ones at their next look."""

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from nisam.jobs.events import Event, record
from nisam.jobs.finish import finish_job_if_done
from nisam.jobs.models import FINISHED, Job, Level, Status
from nisam.lib.errors import OperationError


class AlreadyFinishedError(OperationError):
    """A job that has ended cannot be cancelled."""

    code = "job_finished"
    permanent = True


def request_cancel(job: Job, *, requested_by: str) -> Job:
    """Ask for a job to stop and return it as it is then. Asking twice is no error; raises AlreadyFinishedError."""
    now = timezone.now()
    with transaction.atomic():
        # Items before the job, the order of every other transaction: the other way round they would deadlock.
        ended = job.items.filter(status=Status.PENDING).update(status=Status.CANCELLED, completed_at=now)
        wished = Job.objects.active().filter(pk=job.pk, cancel_requested_at=None)
        if wished.update(cancel_requested_at=now):
            record(job.pk, None, [Event("log", f"cancel asked for by {requested_by}", Level.WARNING)])
        if ended:
            Job.objects.filter(pk=job.pk).update(cancelled_items=F("cancelled_items") + ended)
            going_on = job.items.active().filter(channel_id__isnull=False).values("channel_id").distinct().count()
            Job.objects.filter(pk=job.pk).update(processed_channels=F("total_channels") - going_on)
        finish_job_if_done(job.pk)
    job.refresh_from_db()
    if job.status in FINISHED and not ended and job.cancel_requested_at != now:
        raise AlreadyFinishedError(f"The job is already {job.status}; there is nothing to cancel.")
    return job


def cancel_interrupted(job: Job) -> Job:
    """Ask for a job to stop whose work here was interrupted by Ctrl-C; raises AlreadyFinishedError."""
    if not connection.in_atomic_block:
        # It may have come while a statement was on its way to PostgreSQL: that connection takes no other any more.
        connection.close()
    return request_cancel(job, requested_by="Ctrl-C")
