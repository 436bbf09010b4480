"""One attempt at an item: what a handler is given to read, write, report and be stopped by."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from nisam.jobs.claim import write
from nisam.jobs.events import Event, record
from nisam.jobs.finish import end, settle
from nisam.jobs.models import Job, JobItem, Level, Status
from nisam.jobs.result import add_result
from nisam.jobs.start import Target, add_targets
from nisam.lib.errors import OperationError
from nisam.lib.updates import Plus

PROGRESS_INTERVAL_SECONDS = 0.25


class InterruptedRun(BaseException):
    """Raised in the middle of a wait because the job was cancelled or the lease was lost."""


class CancelledRun(InterruptedRun):
    """Somebody asked for the job to stop."""


class LostRun(InterruptedRun):
    """The item has gone to another worker."""


class StalledError(OperationError):
    """The attempt made no step for longer than NISAM_JOB_STALL_SECONDS."""

    code = "timeout"
    transient = True

    def __init__(self) -> None:
        super().__init__("No step was made for too long, so the attempt was stopped.")


@dataclass
class Step:
    """What one transaction of an attempt counts, logs and remembers beside the data it writes.

    `ahead` are entries in hand that only a later step will count. `targets` become further items of the same job;
    `result` is added to the job's: numbers to numbers, in depth.
    """

    cursor: dict[str, Any]
    done: int = 0
    ahead: int = 0
    found: int = 0
    added: int = 0
    updated: int = 0
    skipped: int = 0
    events: list[Event] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)

    def log(self, name: str, message: str = "", level: Level = Level.INFO, **data: Any) -> None:
        """Add an event to the job's log."""
        self.events.append(Event(name, message, level, data))

    def counts(self) -> dict[str, int]:
        """The counters that changed."""
        values = {name: getattr(self, name) for name in ("found", "added", "updated", "skipped")}
        return {name: value for name, value in values.items() if value}


class Run:
    """An attempt at one item. Handlers write through `step` and wait for the outside world inside `waiting`."""

    def __init__(self, item: JobItem) -> None:
        self.item = item
        self.job: Job = item.job
        self.interruption: type[BaseException] | None = None
        self.in_wait = False
        # What came of it, in words, where the counters do not say it all.
        self.outcome = ""
        self.last_step = time.monotonic()
        self.main_thread = threading.get_ident()
        self._last_write = time.monotonic()
        self._spent = {"requests": 0, "bytes_received": 0}

    @property
    def cursor(self) -> dict[str, Any]:
        """Where the last committed step of this item ended; empty at the beginning."""
        return dict(self.item.cursor)

    @contextmanager
    def step(self, *, last: bool = False) -> Iterator[Step]:
        """A transaction of data, counters, events and cursor: all of them are kept, or none.

        The `last` one ends the item as well, so that nothing may follow.

        Raises LeaseLostError (nothing is kept) when the item has gone to somebody else, and CancelledRun
        after the commit when the job is to stop.
        """
        step = Step(self.cursor)
        with transaction.atomic():
            yield step
            counts = step.counts() | {name: value for name, value in self._spent.items() if value}
            added = {name: Plus(value) for name, value in counts.items()}
            # Nobody else writes an item that is held, so its counters need no adding up in the database.
            own = {name: getattr(self.item, name) + value for name, value in (counts | {"done": step.done}).items()}
            own |= {"cursor": step.cursor, "ahead": step.ahead}
            if last:
                end(self.item, Status.COMPLETED, outcome=self.outcome, events=step.events, counted=added, **own)
            else:
                write(self.item, **own)
                if step.events or added:
                    record(self.item.job_id, self.item.pk, step.events, **added)
            if step.targets:
                add_targets(self.job, step.targets)
            if step.result:
                add_result(self.job.pk, step.result)
            if last:
                settle(self.item)
        self._spent = dict.fromkeys(self._spent, 0)
        for name, value in own.items():
            setattr(self.item, name, value)
        self.last_step = self._last_write = time.monotonic()
        if not last:
            self.check()

    def spend(self, requests: int, bytes_received: int) -> None:
        """Count what was asked of other hosts; written with the next step."""
        self._spent["requests"] += requests
        self._spent["bytes_received"] += bytes_received

    def log(self, message: str, level: Level = Level.INFO, **data: Any) -> None:
        """Log a line that belongs to no data."""
        with self.step() as step:
            step.log("log", message, level, **data)

    def progress(self, ahead: int) -> None:
        """Show that `ahead` more entries than the last step's are in hand; written at most four times a second."""
        now = time.monotonic()
        self.last_step = now
        if now - self._last_write >= PROGRESS_INTERVAL_SECONDS:
            self._last_write = now
            JobItem.objects.held_by(self.item).update(ahead=ahead)
        self.check()

    def check(self) -> None:
        """Raise the pending interruption, if any: a safe place to stop."""
        if self.interruption:
            raise self.interruption

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Around a wait for the outside world: an interruption is raised inside it at once, not only at its end."""
        self.check()
        self.in_wait = True
        try:
            yield
        finally:
            self.in_wait = False
        self.check()
