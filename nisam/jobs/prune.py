"""Forgetting finished jobs after a while."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from nisam.jobs.models import Job, JobEvent, JobItem

BATCH = 50


def prune() -> int:
    """Delete jobs that ended more than NISAM_JOB_RETENTION_DAYS ago, with items and log; returns how many."""
    limit = timezone.now() - timedelta(days=settings.JOB_RETENTION_DAYS)
    pruned = 0
    while batch := list(
        Job.objects.finished_before(limit).order_by("completed_at").values_list("pk", flat=True)[:BATCH]
    ):
        with transaction.atomic():
            JobEvent.objects.filter(job__in=batch).delete()
            JobItem.objects.filter(job__in=batch).delete()
            Job.objects.filter(pk__in=batch).delete()
        pruned += len(batch)
    return pruned
