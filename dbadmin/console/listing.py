"""manage.py fleet list: databases, as they were at the last scan."""

from argparse import ArgumentParser
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from dbadmin.console.selecting import add_selection, selected
from dbadmin.console.terminal import Terminal
from dbadmin.models import DatabaseRecord, Health
from dbadmin.serializers import DatabaseSerializer

NAME = "list"
HELP = "databases by id, filtered"
_MOST = 2**31 - 1


def add_arguments(parser: ArgumentParser) -> None:
    """Its own options."""
    add_selection(parser)
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="at most N of them (50); 0: all")


def run(terminal: Terminal, options: dict[str, Any]) -> None:
    """Print them."""
    if not 0 <= options["limit"] <= _MOST:
        terminal.refuse(f"--limit takes a whole number up to {_MOST}, 0 for all.")
    records = selected(terminal, options).records(terminal.fleet.name)
    found = list(records[: options["limit"] or None])
    # Many are counted for people only.
    total = records.count() if len(found) == options["limit"] and not terminal.as_json else len(found)
    terminal.print(DatabaseSerializer(found, many=True).data, _shown(found, total) if found else "No database.")


def _shown(found: list[DatabaseRecord], total: int) -> Group:
    """A table as narrow as a terminal, and below it what is wrong with whom, in sentences of any length."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("Id", "Status", "Version", "Bytes", "Read"):
        table.add_column(
            heading, justify="right" if heading in {"Version", "Bytes"} else "left", no_wrap=heading == "Id"
        )
    for record in found:
        table.add_row(
            record.database_id,
            Health.MISSING if record.missing_since else record.status,
            "–" if record.version is None else str(record.version),
            str(record.size + record.wal_size),
            f"{record.scanned_at:%Y-%m-%d}",
        )
    more = [f"{len(found)} of {total} shown; --limit 0 shows all."] if len(found) < total else []
    return Group(table, *(Text(words) for words in (*filter(None, map(_words, found)), *more)))


def _words(record: DatabaseRecord) -> str:
    said = [", ".join(record.flags), *record.findings[:1]]
    return f"{record.database_id}: {': '.join(filter(None, said))}" if any(said) else ""
