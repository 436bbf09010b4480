"""manage.py fleet: the verbs of dbadmin at a terminal."""

import json
from argparse import ArgumentParser
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError

from dbadmin.batch.wish import BadWishError
from dbadmin.change.errors import UnknownSnapshotError
from dbadmin.console import changing, listing, looking, scanning, status
from dbadmin.console.terminal import BAD_INPUT, FAILED, INTERRUPTED, Terminal, Verb
from dbadmin.errors import InvalidIdError, UnknownDatabaseError, UnknownFleetError, UnknownVersionError
from dbadmin.fleets import get_fleet
from nisam.lib.errors import OperationError

_VERBS: list[Any] = [
    *(scanning, status, listing, looking.Inspect(), looking.Diff(), looking.Rehearse(), changing.Plan()),
    *(changing.Change(), changing.Migrate(), changing.Rollback(), changing.Salvage(), looking.ListSnapshots()),
]
VERBS: dict[str, Verb] = {verb.NAME: verb for verb in _VERBS}
_BAD_INPUT = (
    *(BadWishError, InvalidIdError, UnknownDatabaseError, UnknownFleetError, UnknownSnapshotError),
    UnknownVersionError,
)


class Command(BaseCommand):
    """Look after fleets of databases."""

    help = (
        "Look after a fleet of SQLite databases. Works without Redis and without a worker (those that there are "
        "help) and ends when the work is done, with or without a terminal, unless --enqueue leaves it to the workers. "
        "Exit codes: 0 done, 1 failures, 2 bad input, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A parser for each verb."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
        for name, verb in VERBS.items():
            # Nothing is abbreviated: `--all`, which does not exist, would be taken for --allow-destructive.
            own = verbs.add_parser(name, help=verb.HELP, allow_abbrev=False)
            own.add_argument("--fleet", default="captions", help="which fleet of the settings (captions)")
            own.add_argument("--json", action="store_true", help="print JSON, nothing else")
            verb.add_arguments(own)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run a verb."""
        try:
            _refuse_bytes(options)
            terminal = Terminal(
                get_fleet(options["fleet"]),
                cast("Any", self.stdout),
                cast("Any", self.stderr),
                as_json=options["json"],
                is_quiet=options["verbosity"] == 0,
            )
            VERBS[options["verb"]].run(terminal, options)
        except OperationError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error), "code": error.code}, indent=2))
            raise CommandError(str(error), returncode=BAD_INPUT if isinstance(error, _BAD_INPUT) else FAILED) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted.", returncode=INTERRUPTED) from None


def _refuse_bytes(options: dict[str, Any]) -> None:
    """Raise BadWishError for a word that is no text, which no database takes; whoever takes ids looks at them."""
    for value in options.values():
        try:
            if isinstance(value, str):
                value.encode()
        except UnicodeEncodeError as error:
            raise BadWishError(f"{value!r} is no text: it has bytes that are not UTF-8.") from error
