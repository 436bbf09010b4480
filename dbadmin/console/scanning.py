"""manage.py fleet scan: look for what is new or changed, now."""

from argparse import ArgumentParser
from typing import Any

from rich.table import Table

from dbadmin.console.terminal import Terminal
from dbadmin.scan.start import start_look, start_scan
from dbadmin.selection import Selection
from nisam.jobs.models import Job

NAME = "scan"
HELP = "read what is new or changed; ids: read these, changed or not"


def add_arguments(parser: ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("ids", nargs="*", metavar="id", help="databases; all if none is named")
    parser.add_argument("--deep", action="store_true", help="also check thoroughly what was not checked so for long")
    parser.add_argument("--enqueue", action="store_true", help="leave it to the workers")


def run(terminal: Terminal, options: dict[str, Any]) -> None:
    """Scan, or join the scan that runs."""
    wait = terminal.waits(enqueue=options["enqueue"])
    given: dict[str, Any] = {"requested_by": terminal.asked_by, "wake_workers": not wait}
    if options["ids"]:
        started = start_look(terminal.fleet, Selection(ids=tuple(options["ids"])), **given)
    else:
        started = start_scan(terminal.fleet, deep=options["deep"], **given)
    if not started.created:
        terminal.err.write(f"A scan runs already, as job {started.job.pk}; following that one.\n")
    job = terminal.work_off(started.job) if wait else started.job
    terminal.finish(job, _summary(job))


def _summary(job: Job) -> Table:
    table = Table(title=f"Scan {job.pk}: {job.status}")
    for heading in ("Databases", "New", "Read again", "Unchanged", "Seconds"):
        table.add_column(heading, justify="right")
    seconds = f"{job.duration.total_seconds():.1f}" if job.duration else "–"
    table.add_row(str(job.found), str(job.added), str(job.updated), str(job.skipped), seconds)
    return table
