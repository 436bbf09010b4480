"""What an item of a change is about: the changes of one database or of a batch. A retry's batches are another job's."""

from collections import defaultdict

from django.db.models import Q

from dbadmin.models import DatabaseChange, DatabaseChangeQuerySet, Outcome
from nisam.jobs.models import Job, JobItem
from nisam.jobs.run import Run

_BATCH = "batch:"
_DONE = (Outcome.PLANNED, Outcome.CHANGED, Outcome.UNCHANGED)


def batch_of(item: JobItem) -> tuple[str, int]:
    """The job, as hex, that has made the changes of an item, and the number of their batch."""
    if not item.target.startswith(_BATCH):
        return item.job_id.hex, 0
    job_hex, _, number = item.target_id.partition(":")
    return job_hex, int(number)


def changes_of(job: Job) -> DatabaseChangeQuerySet:
    """The changes that a job has made, and those that it retries: of their batches what was not done before it."""
    batches = defaultdict(list)
    for item in job.items.filter(target__startswith=_BATCH).exclude(target__startswith=f"{_BATCH}{job.pk.hex}:"):
        job_hex, number = batch_of(item)
        batches[job_hex].append(number)
    about = Q(job_id=job.pk)
    for job_hex, numbers in batches.items():
        was_done = Q(outcome__in=_DONE, finished_at__lt=job.created_at)
        about |= Q(job_id=job_hex, batch__in=numbers) & ~was_done
    return DatabaseChange.objects.filter(about)


def left_of(run: Run) -> list[DatabaseChange]:
    """What an attempt has to do of its item: what nobody came to, and what had failed when its job was asked for."""
    job_hex, number = batch_of(run.item)
    to_retry = Q(outcome=Outcome.FAILED, finished_at__lt=run.job.created_at)
    left = DatabaseChange.objects.of_batch(job_hex, number).filter(Q(outcome=Outcome.PENDING) | to_retry)
    changes = list(left.select_related("record"))
    if job_hex != run.job.pk.hex and not run.cursor:  # who makes the changes of a job counts them
        with run.step() as step:
            step.found, step.cursor = len(changes), {"begun": True}
    return changes
