"""How far a job over databases is, from its row and its items'."""

from typing import Any

from django.db.models import Sum

from nisam.jobs.models import Job, Status


def count_databases(job: Job) -> dict[str, Any]:
    """`{total, processed, current, repaired, failed}` of a change.

    Of a dry run those that would be changed count as repaired, those that are blocked as failed.
    """
    done, ahead = _handled(job)
    failed = max(0, done - job.updated - job.skipped)
    return _progress(job, job.found, done + ahead, repaired=job.updated, failed=failed)


def count_files(job: Job) -> dict[str, Any]:
    """The same of a scan; its total is what was known or estimated before, and nothing it finds is its own failure."""
    processed = sum(_handled(job))
    expected = 0 if job.status == Status.COMPLETED else job.options.get("files", 0)
    return _progress(job, max(expected, processed), processed, repaired=0, failed=0)


def _handled(job: Job) -> tuple[int, int]:
    """How many databases are done, and how many besides are in hand."""
    sums = job.items.aggregate(done=Sum("done", default=0), ahead=Sum("ahead", default=0))
    return sums["done"], sums["ahead"]


def _progress(job: Job, total: int, processed: int, **outcomes: int) -> dict[str, Any]:
    return {"total": total, "processed": processed, "current": job.current_name, **outcomes}
