"""A scrape on a terminal: a progress line while it runs, and what it came to."""

import uuid
from contextlib import AbstractContextManager

from rich.console import Console
from rich.table import Table

from nisam.jobs import console as jobs_console
from nisam.jobs.models import Job


def shown(job_id: uuid.UUID, console: Console) -> AbstractContextManager[None]:
    """Show a scrape while the block works or waits for it."""
    return jobs_console.shown(job_id, console, read=_read, without={"video_saved"})


def _read(job: Job) -> jobs_console.Reading:
    outcome = f"{job.found} found, {job.added} added"
    return jobs_console.Reading(job.current_name or "waiting", outcome, job.processed_items, job.total_items or None)


def summary(job: Job) -> Table:
    """What a job came to, a row per item."""
    table = Table(title=f"Job {job.pk}: {job.status}")
    for heading in ("Target", "Outcome"):
        table.add_column(heading, overflow="fold")
    for heading in ("Found", "Added", "Updated", "Unchanged", "Requests", "Seconds"):
        table.add_column(heading, justify="right")
    for item in job.items.order_by("position"):
        seconds = f"{item.duration.total_seconds():.1f}" if item.duration else "–"
        outcome = f"{item.status}: {item.error_message}" if item.error_message else str(item.status)
        table.add_row(
            item.target_name,
            outcome,
            *map(str, (item.found, item.added, item.updated, item.skipped, item.requests)),
            seconds,
        )
    return table
