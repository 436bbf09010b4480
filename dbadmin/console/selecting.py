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

_FILTERS = ("status", "version_is", "search", "list", "plan")


def add_selection(parser: ArgumentParser) -> None:
    """--status, --version-is, --search, --list and --plan."""
    words = ", ".join(Health.values)
    parser.add_argument("--status", choices=Health.values, default="", metavar="STATUS", help=f"only these: {words}")
    parser.add_argument("--version-is", type=int, metavar="N", help="only those that declare version N")
    parser.add_argument("--search", default="", metavar="PREFIX", help="only those whose id begins so")
    parser.add_argument("--list", default="", metavar="NAME", help="only those of a saved list")
    parser.add_argument("--plan", default="", metavar="HASH", help="only those whose latest plan's hash begins so")


def selected(terminal: Terminal, options: dict[str, Any]) -> Selection:
    """What the options select. Refuses what cannot be an id, ids beside a filter, and lists that there are not."""
    ids = tuple(options.get("ids", ()))
    if ids and not {options[name] for name in _FILTERS} <= {None, ""}:
        terminal.refuse("Name databases, or choose them by filters such as --status; not both.")
    for database_id in ids:
        terminal.fleet.path_of(database_id)
    return Selection(
        ids=ids,
        status=options["status"],
        version=options["version_is"],
        search=options["search"],
        list_id=_list_id(terminal, options["list"]) if options["list"] else "",
        plan_class=_plan_class(terminal, options["plan"]) if options["plan"] else "",
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


def _plan_class(terminal: Terminal, beginning: str) -> str:
    rows = DatabaseRecord.objects.of(terminal.fleet.name).filter(plan_class__startswith=beginning)
    found = list(rows.order_by().values_list("plan_class", flat=True).distinct()[:2])
    if len(found) != 1:
        how_many = "More than one plan's hash begins" if found else "No database's latest plan has a hash that begins"
        terminal.refuse(f"{how_many} with {beginning!r}; `fleet plan` prints them.")
    return found[0]
