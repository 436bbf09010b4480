"""What the verbs of `manage.py fleet` have in common: exit codes, printing, working jobs off."""

import os
import socket
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, TextIO

import orjson
from django.core.management.base import CommandError
from rich.console import Console, RenderableType
from rich.table import Column, Table

from dbadmin.batch.wish import BadWishError
from dbadmin.console.progress import read
from dbadmin.fleets import Fleet
from nisam.jobs.cancel import AlreadyFinishedError, cancel_interrupted
from nisam.jobs.console import shown
from nisam.jobs.inline import process_name, work_off
from nisam.jobs.models import Job, Status
from nisam.jobs.serializers import JobSerializer

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
# Databases that are named; the rest is counted.
NAMED = 20


@dataclass(frozen=True)
class Terminal:
    """Where a verb prints, for which fleet, and how."""

    fleet: Fleet
    out: TextIO
    err: TextIO
    as_json: bool
    is_quiet: bool

    @property
    def asked_by(self) -> str:
        """Who asked, for a job's row."""
        return f"fleet ({os.environ.get('USER') or 'nobody'}@{socket.gethostname()})"

    def print(self, data: Any, shown_as: RenderableType) -> None:
        """The data as JSON with --json, else what people read."""
        if self.as_json:
            self.out.write(orjson.dumps(data, str, orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n")
        elif not self.is_quiet:
            # Names in a database may be anything, brackets too, and none is a command to the terminal.
            # What may not be broken, such as a path, is wrapped by the terminal.
            Console(file=self.out, markup=False, emoji=False).print(shown_as, crop=False)

    def fail(self, message: str) -> NoReturn:
        """Exit code 1."""
        raise CommandError(message, returncode=FAILED)

    def refuse(self, message: str) -> NoReturn:
        """Exit code 2."""
        raise BadWishError(message)

    def work_off(self, job: Job) -> Job:
        """Work on a job in this process and show it; Ctrl-C cancels it, prints it as JSON and is exit code 130.

        What workers have in hand of it stops at their next look, and is waited for until a second Ctrl-C.
        """
        try:
            console = Console(file=self.err if self.as_json else self.out, quiet=self.as_json or self.is_quiet)
            with shown(job.pk, console, read=read, without={"database_done"}):
                return work_off(job.pk, worker=process_name())
        except KeyboardInterrupt:
            with suppress(AlreadyFinishedError, KeyboardInterrupt):  # by its last step, or its item has cancelled it
                cancel_interrupted(job)
                work_off(job.pk, worker=process_name())
            job.refresh_from_db()
            if self.as_json:
                self.print(JobSerializer(job).data, "")
            raise CommandError("Interrupted; what was done so far is kept.", returncode=INTERRUPTED) from None

    def finish(
        self, job: Job, shown_as: RenderableType, *, failure: str = "", more: dict[str, Any] | None = None
    ) -> None:
        """Print a job and exit by what came of it; of one that is not over there is nothing to show yet.

        `failure` says what failed, where the job's own message does not say it in what people count. `more` is printed
        with the job as JSON.
        """
        if job.status in {Status.PENDING, Status.RUNNING}:
            self.print(JobSerializer(job).data, f"Job {job.pk} is left to the workers; watch it under Automation.")
            return
        self.print({**JobSerializer(job).data, **(more or {})}, shown_as)
        if job.status != Status.COMPLETED or job.failed_items:
            self.fail(failure or job.error_message or f"The job was {job.status}.")


def counted(counts: Mapping[str, object]) -> Table:
    """Numbers beside each other, each below its heading."""
    table = Table(*(Column(heading, justify="right") for heading in counts))
    table.add_row(*map(str, counts.values()))
    return table


def add_enqueue(parser: ArgumentParser) -> None:
    """--enqueue: without it a verb works its job off here, with the help of workers where there are some."""
    parser.add_argument("--enqueue", action="store_true", help="leave it to the workers, and do not wait for its end")


class Verb(Protocol):
    """What a verb's module has."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its own options."""

    def run(self, terminal: Terminal, options: dict[str, Any]) -> None:
        """Do it. Raises CommandError, whose returncode is the exit code, and OperationError."""
