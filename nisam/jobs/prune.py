"""Forgetting finished jobs after a while."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from nisam.jobs.models import FINISHED, Job, JobEvent, JobItem
from nisam.jobs.start import NotFinishedError

BATCH = 50


def prune() -> int:
    """Delete jobs that ended more than NISAM_JOB_RETENTION_DAYS ago, with items and log; returns how many."""
    limit = timezone.now() - timedelta(days=settings.JOB_RETENTION_DAYS)
    pruned = 0
    while batch := list(
        Job.objects.finished_before(limit).order_by("completed_at").values_list("pk", flat=True)[:BATCH]
    ):
        _delete(batch)
        pruned += len(batch)
    return pruned


def forget(job: Job) -> None:
    """Delete one job that has ended, with items and log. Raises NotFinishedError."""
    if job.status not in FINISHED:
        raise NotFinishedError(f"The job is still {job.status}; cancel it or wait for its end before it is deleted.")
    _delete([job.pk])


def _delete(job_ids: list[uuid.UUID]) -> None:
    with transaction.atomic():
        JobEvent.objects.filter(job__in=job_ids).delete()
        JobItem.objects.filter(job__in=job_ids).delete()
        Job.objects.filter(pk__in=job_ids).delete()
