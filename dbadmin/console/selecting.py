"""The options by which a verb is told which databases are meant."""

from argparse import ArgumentParser
from typing import Any

from dbadmin.console.terminal import Terminal
from dbadmin.models import Health, SavedList
from dbadmin.selection import Selection


def add_selection(parser: ArgumentParser) -> None:
    """--status, --version-is, --search and --list."""
    parser.add_argument("--status", choices=Health.values, default="", help="only these")
    parser.add_argument("--version-is", type=int, metavar="N", help="only those that declare version N")
    parser.add_argument("--search", default="", metavar="PREFIX", help="only those whose id begins so")
    parser.add_argument("--list", default="", metavar="NAME", help="only those of a saved list")


def selected(terminal: Terminal, options: dict[str, Any]) -> Selection:
    """What the options select. Refuses ids that cannot be one, and lists that there are not."""
    for database_id in options.get("ids", ()):
        terminal.fleet.path_of(database_id)
    return Selection(
        ids=tuple(options.get("ids", ())),
        status=options["status"],
        version=options["version_is"],
        search=options["search"],
        list_id=_list_id(terminal, options["list"]) if options["list"] else "",
    )


def _list_id(terminal: Terminal, name: str) -> str:
    found = SavedList.objects.filter(fleet=terminal.fleet.name, name=name).first()
    if found is None:
        names = ", ".join(SavedList.objects.filter(fleet=terminal.fleet.name).values_list("name", flat=True))
        terminal.refuse(f"No list is called {name!r}; there are {names or 'none'}.")
    return str(found.pk)
