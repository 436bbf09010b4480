"""What a salvage came to, database by database."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from dbadmin.batch.items import changes_of
from dbadmin.console.terminal import NAMED
from dbadmin.describe import printable
from dbadmin.models import DatabaseChange, DatabaseChangeQuerySet, Outcome
from nisam.jobs.models import Job


def reports_of(job: Job) -> dict[str, Any]:
    """The report of each database that did not fail, by id; of one that needed nothing `{"reason": …}`."""
    return {change.record.database_id: change.report for change in _done(job)}


def reports(job: Job) -> Iterator[RenderableType]:
    """The same for people; the first are shown, the rest is counted."""
    for change in _done(job)[:NAMED]:
        yield from _report(change)
    if (left := _done(job).count() - NAMED) > 0:
        yield Text(f"and {left} more: their pages in the admin have the reports, and --json prints all.")


def _done(job: Job) -> DatabaseChangeQuerySet:
    done = changes_of(job).filter(outcome__in=(Outcome.CHANGED, Outcome.UNCHANGED))
    return done.select_related("record").order_by("batch", "id")


def _report(change: DatabaseChange) -> Iterator[RenderableType]:
    database_id, report = change.record.database_id, printable(change.report)
    if change.outcome == Outcome.UNCHANGED:
        yield Text(f"{database_id}: unchanged. {report['reason']}")
        return
    yield Text(f"{database_id}: salvaged as version {report['version']}")
    table = Table(
        Column("Table", overflow="fold"),
        *(Column(word, justify="right") for word in ("Recovered", "Rejected", "Uncertain")),
    )
    for name, rows in sorted(report["tables"].items()):
        table.add_row(name, *(str(rows[word]) for word in ("recovered", "rejected", "uncertain")))
    yield table
    yield Text(
        f"{report['lost_and_found']} rows are in lost_and_found, {report['unreadable']} cells could not be read."
    )
    if report["incomplete"]:
        tables = ", ".join(report["incomplete"])
        yield Text(f"Pages of {tables} could not be read: rows may be gone that nobody can count.")
    yield Text(f"The original is kept at {report['quarantined']}", no_wrap=True, overflow="ignore")
