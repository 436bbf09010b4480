"""manage.py fleet plan, repair, migrate, rollback and salvage: jobs that are worked off here."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, ClassVar

from rich.console import Group
from rich.syntax import Syntax
from rich.table import Column, Table
from rich.text import Text

from dbadmin.batch.items import changes_of
from dbadmin.batch.plan_classes import plan_classes
from dbadmin.batch.start import start_change
from dbadmin.batch.wish import Wish
from dbadmin.change.errors import lost, reasons
from dbadmin.console.salvaged import reports, reports_of
from dbadmin.console.selecting import add_selection, known_path, selected
from dbadmin.console.terminal import NAMED, Terminal, add_enqueue, counted
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, DatabaseChangeQuerySet, Outcome, What
from dbadmin.selection import Selection
from nisam.jobs.models import Job
from nisam.lib.numbers import number_of

_REST = "fleet plan ID says it of each"


class Change:
    """A change of some databases or all."""

    NAME: ClassVar[str] = What.REPAIR.value
    HELP: ClassVar[str] = "bring databases to the current schema; all that need it if none is named"
    what: ClassVar[What] = What.REPAIR

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its own options."""
        parser.add_argument("ids", nargs="*", metavar="id", help="databases")
        add_selection(parser)
        add_enqueue(parser)
        if self.what == What.SALVAGE:
            return
        parser.add_argument("--to", type=int, metavar="VERSION", help="which version; the latest if absent")
        parser.add_argument("--dry-run", action="store_true", help="show the exact plans and what they would lose")
        parser.add_argument(
            "--allow-destructive", action="store_true", help="agree to the losses that the latest dry run showed"
        )
        parser.add_argument("--consent", default="", metavar="HASH", help="agree to this plan of one database")

    def run(self, terminal: Terminal, options: dict[str, Any]) -> None:
        """Do it, or plan it."""
        if self.what == What.MIGRATE and options["to"] is None:
            terminal.refuse(f"Migrating needs --to VERSION, 1 to {terminal.fleet.registry.latest}.")
        if options.get("consent") and len(options["ids"]) != 1:
            terminal.refuse("--consent agrees to the plan of one database; of several, --allow-destructive does.")
        wish = Wish(
            terminal.fleet.name,
            self.what,
            selected(terminal, options),
            to_version=options.get("to"),
            dry_run=options.get("dry_run", False),
            allow_destructive=options.get("allow_destructive", False),
            plan_hash=options.get("consent", ""),
        )
        work_off(terminal, wish, enqueue=options["enqueue"])


class Migrate(Change):
    """To a version that is named."""

    NAME = What.MIGRATE.value
    HELP = "bring databases to a version, up or down (--to)"
    what = What.MIGRATE


class Plan(Change):
    """The dry run by a name of its own."""

    NAME = "plan"
    HELP = "what repair (or, with --to, migrate) would do: the same as its --dry-run"

    def run(self, terminal: Terminal, options: dict[str, Any]) -> None:
        """Plan it, as the dry run of the verb that would do it: consent is to the latest one of the same verb."""
        verb = Change() if options["to"] is None else Migrate()
        verb.run(terminal, {**options, "dry_run": True})


class Salvage(Change):
    """Out of corrupt files."""

    NAME = What.SALVAGE.value
    HELP = "read what can be read of corrupt databases into sound ones; all corrupt ones if none is named"
    what = What.SALVAGE


class Rollback:
    """Back to a snapshot."""

    NAME = What.ROLLBACK.value
    HELP = "bring a snapshot back"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its own options."""
        parser.add_argument("id")
        parser.add_argument("snapshot", help="its id, as `fleet snapshots` says it")
        parser.add_argument("--allow-destructive", action="store_true", help="also when rows written since are lost")
        add_enqueue(parser)

    def run(self, terminal: Terminal, options: dict[str, Any]) -> None:
        """Do it."""
        known_path(terminal.fleet, options["id"])  # before its snapshot, which it cannot have
        wish = Wish(
            terminal.fleet.name,
            What.ROLLBACK,
            Selection(ids=(options["id"],)),
            allow_destructive=options["allow_destructive"],
            snapshot=options["snapshot"],
        )
        work_off(terminal, wish, enqueue=options["enqueue"])


def work_off(terminal: Terminal, wish: Wish, *, enqueue: bool) -> None:
    """Start the job of a wish, work it off here unless it is to be enqueued, and print what came of it."""
    started = start_change(terminal.fleet, wish, requested_by=terminal.asked_by, wake_workers=enqueue)
    if not started.created:
        terminal.err.write(f"Job {started.job.pk} does that already{'' if enqueue else '; following it'}.\n")
    job = started.job if enqueue else terminal.work_off(started.job)
    more = {"reports": reports_of(job)} if wish.what == What.SALVAGE and terminal.as_json else None
    terminal.finish(job, _plans(terminal.fleet, job) if wish.dry_run else _summary(job), more=more)
    changes = changes_of(job)
    if wish.dry_run and (hopeless := changes.failed().count() + changes.blocked().count()):
        terminal.fail(f"The change would fail for {number_of(hopeless, 'database')}.")


def _summary(job: Job) -> Group:
    failed = changes_of(job).failed()
    counts = {"Databases": job.found, "Changed": job.updated, "Unchanged": job.skipped, "Failed": failed.count()}
    parts: list[Any] = [Text(f"Job {job.pk}: {job.status}"), counted(counts)]
    if job.type == f"database_{What.SALVAGE}":
        parts.extend(reports(job))
    parts.extend(_named("Failed", failed, "fleet list --status failed"))
    return Group(*parts)


def _named(title: str, changes: DatabaseChangeQuerySet, rest: str) -> Iterator[Table | Text]:
    """A table of the first databases and why each is in it, and where the rest is found; of none nothing."""
    table = Table(title, Column("Reason", overflow="fold"))
    for change in changes.select_related("record").order_by("id")[:NAMED]:
        table.add_row(change.record.database_id, "\n".join(_why(change)))
    if table.rows:
        yield table
    if (more := changes.count() - NAMED) > 0:
        yield Text(f"and {more:,} more: {rest}")


def _why(change: DatabaseChange) -> list[str]:
    if change.outcome == Outcome.FAILED:
        return [f"{change.error_code}: {change.error_message}"]
    return reasons(change.report["blocked"]) + lost(change.report["losses"])


def _plans(fleet: Fleet, job: Job) -> Group:
    """A plan for each class, with how many databases need exactly it and how many of them cannot have it."""
    parts: list[Any] = []
    classes = plan_classes(job)
    for one in classes:
        start, end = one.versions
        way = f"version {end}" if start == end else f"version {start or 'none'} to {end}"
        blocked = f", {one.blocked_databases} of them blocked" if one.blocked_databases else ""
        table = Table(title=f"{number_of(one.databases, 'database')}, {way} ({one.name[:12]}){blocked}")
        table.add_column("Action", overflow="fold")
        table.add_column("SQL", overflow="fold")
        for action in one.actions:
            table.add_row(
                f"{action['type']} {action['name']}", Syntax(";\n".join(action["sql"]), "sql", word_wrap=True)
            )
        for words in lost(dict(one.losses)):
            table.add_row(Text("losses", "red"), words)
        for reason in reasons(dict(one.blocked)):
            table.add_row(Text("blocked", "red"), reason)
        parts.append(table)
    if len(job.options["selection"]["ids"]) != 1:  # of one its plan says it all
        changes = changes_of(job)
        parts.extend(_named("Blocked", changes.blocked(), _REST))
        parts.extend(_named("Would lose something", changes.destructive(), _REST))
        parts.extend(_named("Cannot be planned for", changes.failed(), _REST))
    found, failed = job.result, job.result.get("failed", {})
    counts = {
        "Would be changed": found.get("planned", 0),
        "Blocked": found.get("blocked", 0),
        "Need nothing": found.get("unchanged", 0),
        "Cannot be planned for": ", ".join(f"{number} {code}" for code, number in failed.items()) or "0",
    }
    if any(one.destructive for one in classes):
        parts.append(_consent(fleet, job))
    return Group(*parts, counted(counts))


def _consent(fleet: Fleet, job: Job) -> Text:
    """How to agree to what would be lost."""
    wish = Wish.from_data(job.options)
    to = "" if wish.to_version is None else f" --to {wish.to_version}"
    if len(wish.selection.ids) == 1:
        whom = f" {wish.selection.ids[0]}"
        agreement = f"--consent {DatabaseChange.objects.get(job_id=job.pk).plan_hash}"
    else:
        whom = "" if wish.selection == Selection() else " …"
        agreement = "--allow-destructive"
    same = " (… are the databases as you chose them here)" if whom == " …" else ""
    return Text(f"Agree to what would be lost: fleet {wish.what}{whom}{to} {agreement}{fleet.option}{same}")
