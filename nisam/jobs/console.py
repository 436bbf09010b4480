"""Showing a job on a terminal: a bar while it runs, its log as plain lines where there is no terminal."""

import threading
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column
from rich.text import Text

from nisam.jobs.models import Job, JobEvent

LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Reading:
    """What a bar shows: what is worked on, what came of it so far, and how much of how much is done.

    A `name` is shortened where there is no room. A `total` of None is not known yet.
    """

    name: str
    outcome: str
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
    numbers = Column(no_wrap=True)  # stays as wide as it is
    columns = (
        SpinnerColumn(table_column=numbers),
        _NameColumn(),
        TextColumn("{task.fields[outcome]}", markup=False, table_column=numbers),
        BarColumn(bar_width=20),
        MofNCompleteColumn(table_column=numbers),
        TimeElapsedColumn(table_column=numbers),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("starting", total=None, outcome="")
        while not stop.wait(LOOK_SECONDS):
            reading = read(Job.objects.get(pk=job_id))
            progress.update(
                bar,
                description=reading.name,
                outcome=reading.outcome,
                total=reading.total,
                completed=reading.completed,
            )


class _NameColumn(ProgressColumn):
    """What is worked on, in one line: a column that may wrap is made narrower first, and this one is cut then."""

    def render(self, task: Task) -> Text:
        """As it fits."""
        return Text(task.description, no_wrap=True, overflow="ellipsis")
