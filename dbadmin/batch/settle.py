"""What becomes of the changes that a job did not come to."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from dbadmin.batch.items import batch_of, changes_of
from dbadmin.models import DatabaseChange, DatabaseChangeQuerySet, Outcome
from nisam.jobs.models import FINISHED, Job, Status
from nisam.lib.numbers import number_of


def settle(job: Job) -> None:
    """Write down that what is still pending of a job that has ended is not done any more, why, and how many failed."""
    pending = DatabaseChange.objects.filter(job_id=job.pk, outcome=Outcome.PENDING)
    failed = job.items.filter(status=Status.FAILED).exclude(target__startswith="choose:")
    for item in failed if pending.exists() else ():
        job_hex, batch = batch_of(item)
        _end(pending.filter(job_id=job_hex, batch=batch), Outcome.FAILED, item.error_code, item.error_message)
    _end(pending, Outcome.CANCELLED, "cancelled", "The job ended before this was done, or before it was written down.")
    _count_failed(job)


def forget_what_was_not_done() -> int:
    """Settle what a killed process left, and delete old changes that were cancelled; returns how many were deleted.

    Old is what is older than the jobs that are kept.
    """
    pending = DatabaseChange.objects.filter(outcome=Outcome.PENDING)
    for job_id in set(pending.values_list("job_id", flat=True)):
        job = Job.objects.filter(pk=job_id).first() if job_id else None
        if job is None:
            _end(pending.filter(job_id=job_id), Outcome.CANCELLED, "cancelled", "The job was deleted before that.")
        elif job.status in FINISHED:
            settle(job)
    limit = timezone.now() - timedelta(days=settings.JOB_RETENTION_DAYS)
    return DatabaseChange.objects.filter(outcome=Outcome.CANCELLED, finished_at__lt=limit).delete()[0]


def _count_failed(job: Job) -> None:
    """Let a job of which some failed say how many databases these are: what it says by itself counts batches.

    Of one whose choosing failed nobody knows how many databases it would have been: it says by itself what failed.
    """
    if job.items.filter(status=Status.FAILED, target__startswith="choose:").exists():
        return
    failed = changes_of(job).failed()
    if job.failed_items and (number := failed.count()):
        ended = Job.objects.filter(pk=job.pk, status=Status.COMPLETED)
        ended.update(error_message=f"{number} of {number_of(job.found, 'database')} failed.")


def _end(changes: DatabaseChangeQuerySet, outcome: Outcome, code: str, message: str) -> None:
    changes.update(outcome=outcome, error_code=code, error_message=message, finished_at=timezone.now())
