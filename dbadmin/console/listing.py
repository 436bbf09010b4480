"""manage.py fleet list: databases, as they were at the last scan."""

from argparse import ArgumentParser
from typing import Any

from rich.table import Table

from dbadmin.console.selecting import add_selection, selected
from dbadmin.console.terminal import Terminal
from dbadmin.models import DatabaseRecord
from dbadmin.serializers import DatabaseSerializer

NAME = "list"
HELP = "databases by id, filtered"


def add_arguments(parser: ArgumentParser) -> None:
    """Its own options."""
    add_selection(parser)
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="at most N of them (50); 0: all")


def run(terminal: Terminal, options: dict[str, Any]) -> None:
    """Print them."""
    if options["limit"] < 0:
        terminal.refuse("--limit takes a whole number, 0 for all.")
    selection = selected(terminal, options)
    found = list(selection.records(terminal.fleet.name)[: options["limit"] or None])
    terminal.print(DatabaseSerializer(found, many=True).data, _table(found))


def _table(found: list[DatabaseRecord]) -> Table:
    table = Table()
    for heading in ("Id", "Status", "Flags", "Version", "Bytes", "Read", "Findings"):
        is_number = heading in {"Version", "Bytes"}
        table.add_column(
            heading, justify="right" if is_number else "left", no_wrap=heading in {"Id", "Status"}, overflow="fold"
        )
    for record in found:
        table.add_row(
            record.database_id,
            record.status,
            ", ".join(record.flags),
            "–" if record.version is None else str(record.version),
            str(record.size + record.wal_size),
            f"{record.scanned_at:%Y-%m-%d %H:%M}",
            record.findings[0] if record.findings else "",
        )
    return table
