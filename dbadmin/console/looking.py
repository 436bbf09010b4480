"""manage.py fleet inspect, diff, rehearse and snapshots: one database, closely."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.syntax import Syntax
from rich.table import Column, Table
from rich.text import Text

from dbadmin.change.rehearse import rehearse
from dbadmin.change.render import render
from dbadmin.change.snapshots import Snapshots
from dbadmin.console.selecting import known_path
from dbadmin.console.terminal import Terminal
from dbadmin.describe import differences_to_other, differences_to_version, printable, schema_data, schema_of
from dbadmin.errors import FleetError
from dbadmin.examine import Finding, examine
from dbadmin.models import DatabaseRecord
from dbadmin.scan.read import needs_deep
from dbadmin.schema.model import Schema
from dbadmin.states import Status

_NO_SCHEMA = {**schema_data(Schema()), "checksum": ""}


class Inspect:
    """What a database has, and how it is."""

    NAME = "inspect"
    HELP = "one database now: its state, tables, indexes, triggers and views"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its own options."""
        parser.add_argument("id")
        parser.add_argument("--deep", action="store_true", help="read all of it, as is done where damage is known")

    def run(self, terminal: Terminal, options: dict[str, Any]) -> None:
        """Look into the file; exit code 1 when it cannot be read, or is damaged."""
        path = known_path(terminal.fleet, options["id"])
        known = DatabaseRecord.objects.of(terminal.fleet.name).filter(database_id=options["id"]).first()
        deep = options["deep"] or (known is not None and needs_deep(known))
        finding = examine(path, terminal.fleet.registry, deep=deep)
        schema, problem = _schema(path, finding)
        state = {
            "id": options["id"],
            "status": finding.status,
            "flags": sorted(finding.flags),
            "version": finding.version,
            "matchesVersion": finding.matches_version,
            "findings": printable(finding.findings),
            "rows": {table.name: table.rows for table in finding.tables if table.rows is not None},
        }
        is_bad = finding.status in {Status.CORRUPT, Status.UNREADABLE}
        problem = f"{options['id']} is {finding.status}." if is_bad else problem
        terminal.print({**state, **schema, "error": problem}, Group(_state(finding), *_objects(schema)))
        if problem:
            terminal.fail(problem)


class Diff:
    """How a database's schema differs."""

    NAME = "diff"
    HELP = "how a schema differs from its version's, another version's (--to) or another database's (--against)"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its own options."""
        parser.add_argument("id")
        to = parser.add_mutually_exclusive_group()
        to.add_argument("--to", type=int, metavar="VERSION", help="a version; the database's own if absent")
        to.add_argument("--against", metavar="ID", help="another database")

    def run(self, terminal: Terminal, options: dict[str, Any]) -> None:
        """Compare; exit code 0 whether they differ or not."""
        path = known_path(terminal.fleet, options["id"])
        if options["against"]:
            known_path(terminal.fleet, options["against"])
            found = differences_to_other(terminal.fleet, options["id"], options["against"])
        else:
            version = _own_version(terminal, path) if options["to"] is None else options["to"]
            found = differences_to_version(terminal.fleet, options["id"], version)
        terminal.print(found, _differences(found["differences"], "There" if options["against"] else "Should be"))


class Rehearse:
    """A plan, done on a copy."""

    NAME = "rehearse"
    HELP = "repair (or, with --to, migrate) a copy of one database, to know how it ends and how long it takes"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its own options."""
        parser.add_argument("id")
        parser.add_argument("--to", type=int, metavar="VERSION", help="which version; the latest if absent")
        parser.add_argument("--allow-destructive", action="store_true", help="also what its version does not have goes")

    def run(self, terminal: Terminal, options: dict[str, Any]) -> None:
        """Do it on a copy that is thrown away; exit code 1 when it fails there."""
        path, keep_extra = known_path(terminal.fleet, options["id"]), not options["allow_destructive"]
        found = rehearse(path, terminal.fleet.registry, to_version=options["to"], keep_extra=keep_extra)
        failure = str(found.failure or "")
        took = Text(f"Done on a copy in {found.seconds:.3f} s; the database is as it was.")
        script = _script(render(found.plan))
        data = {**found.plan.as_data(), "seconds": round(found.seconds, 6), "failure": failure}
        terminal.print(data, script if failure else Group(script, took))
        if failure:
            terminal.fail(f"Not done, on a copy: {failure}")


class ListSnapshots:
    """The copies made before changes."""

    NAME = "snapshots"
    HELP = "the snapshots of a database, the newest first"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its own options."""
        parser.add_argument("id")

    def run(self, terminal: Terminal, options: dict[str, Any]) -> None:
        """Print them."""
        known_path(terminal.fleet, options["id"])
        found = Snapshots(terminal.fleet.snapshots_folder).of(options["id"])
        table = Table(Column("Snapshot", overflow="fold"), "Taken", "Version", "Bytes")
        for one in found:
            version = "–" if one.version is None else str(one.version)
            table.add_row(one.id, f"{one.taken_at:%Y-%m-%d %H:%M:%S}", version, str(one.size))
        data = [{"id": one.id, "takenAt": one.taken_at, "sizeBytes": one.size, "version": one.version} for one in found]
        terminal.print(data, table if found else "No snapshot.")


def _script(sql: str) -> Text:
    """SQL to be copied: its lines are not broken."""
    script = Syntax("", "sql", theme="ansi_dark").highlight(sql)
    script.no_wrap, script.overflow = True, "ignore"
    return script


def _state(finding: Finding) -> Text:
    version = "no version" if finding.version is None else f"version {finding.version}"
    flags = "".join(f", {flag}" for flag in sorted(finding.flags))
    return Text("\n".join([f"{finding.status}{flags}; {version}", *printable(finding.findings)]))


def _own_version(terminal: Terminal, path: Path) -> int | None:
    """What the file says; exit code 1 for one that cannot be read, so that nobody waits for it again."""
    finding = examine(path, terminal.fleet.registry)
    if finding.status == Status.UNREADABLE:
        terminal.fail(finding.findings[0])
    return finding.version


def _schema(path: Path, finding: Finding) -> tuple[Any, str]:
    """What the file has, or nothing and why that cannot be said; what could not be read is not waited for again."""
    if finding.status == Status.UNREADABLE:
        return _NO_SCHEMA, finding.findings[0]
    try:
        return schema_data(schema_of(path)), ""
    except FleetError as error:
        return _NO_SCHEMA, str(error)


def _objects(schema: dict[str, Any]) -> Iterator[Table]:
    """A table of all that the file has, none if there is nothing."""
    table = Table("Object", Column("Name", overflow="fold"), "SQL")
    for word, kind in (("table", "tables"), ("index", "indexes"), ("trigger", "triggers"), ("view", "views")):
        for made in schema[kind]:
            table.add_row(word, made["name"], Syntax(made["sql"], "sql", word_wrap=True))
    if table.rows:
        yield table


def _differences(found: list[dict[str, str]], other: str) -> Table | Text:
    if not found:
        return Text("No difference.")
    table = Table(*(Column(heading, overflow="fold") for heading in ("What differs", "Is", other)))
    for one in found:
        table.add_row(Text(one["sentence"]), Text(one["actual"]), Text(one["expected"]))
    return table
