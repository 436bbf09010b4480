"""Showing a job on a terminal: a bar while it runs, its log as plain lines where there is no terminal."""

import threading
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from nisam.jobs.models import Job, JobEvent

LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Reading:
    """What a bar shows: words, and how much of how much is done; a `total` of None is not known yet."""

    words: str
    completed: int
    total: int | None


@contextmanager
def shown(
    job_id: uuid.UUID, console: Console, *, read: Callable[[Job], Reading], without: Collection[str] = ()
) -> Iterator[None]:
    """Show a job's progress while the block works or waits; reads the rows, whoever runs the job.

    `without`: names of events that are too many for plain lines.
    """
    stop = threading.Event()

    def show() -> None:
        try:
            if console.is_terminal:
                _show_bar(job_id, console, stop, read)
            else:
                _show_lines(job_id, console, stop, without)
        finally:
            connection.close()

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _show_lines(job_id: uuid.UUID, console: Console, stop: threading.Event, without: Collection[str]) -> None:
    seen = 0
    while True:
        last_look = stop.wait(LOOK_SECONDS)
        for event in JobEvent.objects.filter(job_id=job_id, sequence__gt=seen).order_by("sequence"):
            seen = event.sequence
            if event.name not in without:
                console.print(
                    f"{event.time:%H:%M:%S} {event.level:7} {event.message}",
                    markup=False,
                    highlight=False,
                    soft_wrap=True,
                )
        if last_look:
            return


def _show_bar(job_id: uuid.UUID, console: Console, stop: threading.Event, read: Callable[[Job], Reading]) -> None:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("starting", total=None)
        while not stop.wait(LOOK_SECONDS):
            reading = read(Job.objects.get(pk=job_id))
            progress.update(bar, description=reading.words, total=reading.total, completed=reading.completed)
