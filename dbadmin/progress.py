"""How far a job over databases is, from its row and its items'."""

from typing import Any

from django.db.models import Sum

from dbadmin.scan.start import SCAN
from nisam.jobs.models import Job

# The types of jobs whose items are many databases each.
DATABASE_JOBS = (SCAN, "database_repair", "database_migrate", "database_rollback", "database_salvage")


def progress_of(job: Job) -> dict[str, Any]:
    """`{total, processed, current, repaired, failed}`, in databases.

    A scan's total is what was known before; it repairs nothing, and nothing that it finds is its own failure.
    """
    processed = job.items.aggregate(done=Sum("done"))["done"] or 0
    if job.type == SCAN:
        total, repaired, failed = max(job.options.get("files", 0), processed), 0, 0
    else:
        total, repaired = job.found, job.updated
        failed = max(0, processed - job.updated - job.skipped)
    return {
        "total": total,
        "processed": processed,
        "current": job.current_name,
        "repaired": repaired,
        "failed": failed,
    }
