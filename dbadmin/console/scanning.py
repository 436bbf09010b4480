"""manage.py fleet scan: look for what is new or changed, now."""

from argparse import ArgumentParser
from typing import Any

from rich.console import Group
from rich.text import Text

from dbadmin.console.terminal import Terminal, add_enqueue, counted
from dbadmin.scan.start import start_look, start_scan
from dbadmin.selection import Selection
from nisam.jobs.models import Job, Status

NAME = "scan"
HELP = "read what is new or changed; ids: read these, changed or not"


def add_arguments(parser: ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("ids", nargs="*", metavar="id", help="databases; all if none is named")
    parser.add_argument(
        "--deep", action="store_true", help="check thoroughly: the ids; of all, what was not checked so for long"
    )
    add_enqueue(parser)


def run(terminal: Terminal, options: dict[str, Any]) -> None:
    """Scan, or join the scan that runs."""
    enqueue: bool = options["enqueue"]
    given: dict[str, Any] = {
        "requested_by": terminal.asked_by,
        "deep": options["deep"],
        "wake_workers": enqueue,
    }
    if options["ids"]:
        started = start_look(terminal.fleet, Selection(ids=tuple(options["ids"])), **given)
    else:
        started = start_scan(terminal.fleet, **given)
    if not started.created:
        terminal.err.write(f"A scan runs already, as job {started.job.pk}{'' if enqueue else '; following it'}.\n")
    job = started.job if enqueue else terminal.work_off(started.job)
    terminal.finish(job, _summary(job), failure=_failure(job))


def _summary(job: Job) -> Group:
    seconds = f"{job.duration.total_seconds():.1f}" if job.duration else "–"
    counts = {"Databases": job.found, "New": job.added, "Read again": job.updated, "Unchanged": job.skipped}
    return Group(Text(f"Scan {job.pk}: {job.status}"), counted({**counts, "Seconds": seconds}))


def _failure(job: Job) -> str:
    """How many parts of the fleet could not be read; empty where all failed, or none did."""
    failed = job.items.filter(status=Status.FAILED).order_by("position").first()
    if failed is None or job.failed_items == job.total_items:
        return ""
    words = f"{job.failed_items} of {job.total_items} parts of the fleet were not scanned"
    return f"{words}; the first: {failed.error_message}"
