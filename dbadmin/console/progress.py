"""What the progress line of a job over databases says."""

from typing import Any

from dbadmin.models import What
from dbadmin.scan.start import SCAN
from nisam.jobs.console import Reading
from nisam.jobs.models import Job, Status
from nisam.jobs.registry import progress_of

_DONE = {
    f"database_{what}": word
    for what, word in (
        (What.REPAIR, "repaired"),
        (What.MIGRATE, "migrated"),
        (What.ROLLBACK, "rolled back"),
        (What.SALVAGE, "salvaged"),
    )
}


def read(job: Job) -> Reading:
    """How far it is, in databases; while it waits for some that are locked, that."""
    progress: Any = progress_of(job)
    waiting = job.items.filter(status=Status.PENDING, error_message__gt="").first()
    name = waiting.error_message if waiting else job.current_name or "waiting"
    return Reading(name, _outcome(job, progress["failed"]), progress["processed"], progress["total"] or None)


def _outcome(job: Job, failed: int) -> str:
    if job.type == SCAN:
        return f"{job.added} new, {job.updated} read again"
    if job.options.get("dry_run"):
        return f"{job.updated} planned, {job.skipped} need nothing, {failed} failed"
    return f"{job.updated} {_DONE[job.type]}, {failed} failed"
