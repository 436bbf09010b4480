"""The options by which a verb is told which databases are meant."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from dbadmin.change.snapshots import Snapshots
from dbadmin.console.terminal import Terminal
from dbadmin.errors import UnknownDatabaseError
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord, Health, SavedList
from dbadmin.selection import Selection

_FILTERS = ("status", "version_is", "search", "list")


def add_selection(parser: ArgumentParser) -> None:
    """--status, --version-is, --search and --list."""
    words = ", ".join(Health.values)
    parser.add_argument("--status", choices=Health.values, default="", metavar="STATUS", help=f"only these: {words}")
    parser.add_argument("--version-is", type=int, metavar="N", help="only those that declare version N")
    parser.add_argument("--search", default="", metavar="PREFIX", help="only those whose id begins so")
    parser.add_argument("--list", default="", metavar="NAME", help="only those of a saved list")


def selected(terminal: Terminal, options: dict[str, Any]) -> Selection:
    """What the options select. Refuses what cannot be an id, ids beside a filter, and lists that there are not."""
    ids = tuple(options.get("ids", ()))
    if ids and not {options[name] for name in _FILTERS} <= {None, ""}:
        terminal.refuse("Name databases, or choose them by --status, --version-is, --search and --list; not both.")
    for database_id in ids:
        terminal.fleet.path_of(database_id)
    return Selection(
        ids=ids,
        status=options["status"],
        version=options["version_is"],
        search=options["search"],
        list_id=_list_id(terminal, options["list"]) if options["list"] else "",
    )


def known_path(fleet: Fleet, database_id: str) -> Path:
    """Where the file of an id is, or was: of one whose file is gone there may be a row, or snapshots.

    Raises InvalidIdError, and UnknownDatabaseError for an id of which there is nothing.
    """
    path = fleet.path_of(database_id)
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        has_row = DatabaseRecord.objects.of(fleet.name).filter(database_id=database_id).exists()
        if not has_row and not Snapshots(fleet.snapshots_folder).of(database_id):
            raise UnknownDatabaseError(f"The fleet has no {database_id}.") from error
    except OSError:
        pass  # it is there, and whoever opens it says what is wrong
    return path


def _list_id(terminal: Terminal, name: str) -> str:
    found = SavedList.objects.filter(fleet=terminal.fleet.name, name=name).first()
    if found is None:
        names = ", ".join(SavedList.objects.filter(fleet=terminal.fleet.name).values_list("name", flat=True))
        terminal.refuse(f"No list is called {name!r}; there are {names or 'none'}.")
    return str(found.pk)
