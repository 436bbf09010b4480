"""Showing a job on a terminal: a progress line while it runs, its log as plain lines where there is no terminal."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from nisam.jobs.models import Job, JobEvent

LOOK_SECONDS = 0.25


@contextmanager
def shown(job_id: uuid.UUID, console: Console) -> Iterator[None]:
    """Show a job's progress while the block works or waits; reads the rows, whoever runs the job."""
    stop = threading.Event()
    show = _show_bar if console.is_terminal else _show_lines
    thread = threading.Thread(target=show, args=(job_id, console, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _show_lines(job_id: uuid.UUID, console: Console, stop: threading.Event) -> None:
    seen = 0
    try:
        while True:
            last_look = stop.wait(LOOK_SECONDS)
            for event in JobEvent.objects.filter(job_id=job_id, sequence__gt=seen).order_by("sequence"):
                seen = event.sequence
                if event.name != "video_saved":
                    console.print(
                        f"{event.time:%H:%M:%S} {event.level:7} {event.message}",
                        markup=False,
                        highlight=False,
                        soft_wrap=True,
                    )
            if last_look:
                return
    finally:
        connection.close()


def _show_bar(job_id: uuid.UUID, console: Console, stop: threading.Event) -> None:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            bar = progress.add_task("starting", total=None)
            while not stop.wait(LOOK_SECONDS):
                job = Job.objects.get(pk=job_id)
                words = f"{job.current_name or 'waiting'}: {job.found} found, {job.added} added"
                progress.update(bar, description=words, total=job.total_items or None, completed=job.processed_items)
    finally:
        connection.close()


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
