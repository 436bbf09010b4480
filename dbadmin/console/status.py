"""manage.py fleet status: how the fleet is, as of the last scan."""

from argparse import ArgumentParser
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dbadmin.console.terminal import Terminal
from dbadmin.states import Flag
from dbadmin.status import FleetStatus, as_data, status_of
from nisam.lib.numbers import number_of

NAME = "status"
HELP = "how many databases of which version and in which state"


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(terminal: Terminal, options: dict[str, Any]) -> None:  # noqa: ARG001 - every verb's signature
    """Print the counts."""
    status = status_of(terminal.fleet.name)
    terminal.print(as_data(status), Group(_whole(status), _table(status)))


def _whole(status: FleetStatus) -> Text:
    age = f"scanned {status.timestamp:%Y-%m-%d %H:%M} UTC" if status.timestamp else "never scanned"
    number, size = number_of(status.counts.total, "database"), number_of(status.counts.total_bytes, "byte")
    return Text(f"{status.fleet}: {number}, {size}, {age}")


def _table(status: FleetStatus) -> Table:
    table = Table()
    table.add_column("State")
    table.add_column("Databases", justify="right")
    for version, number in status.counts.by_version.items():
        table.add_row("without a version" if version == "none" else f"version {version}", str(number))
    table.add_section()
    for word, number in status.counts.health.items():
        if number:
            table.add_row(word, str(number))
    table.add_section()
    for flag, number in status.counts.flags.items():
        if flag != Flag.DRIFTED:  # it is among the health
            table.add_row(flag, str(number))
    return table
