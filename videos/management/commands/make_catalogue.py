"""manage.py make_catalogue: a catalogue for trying things at size."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from videos.generated.catalogue import AlreadyMadeError, Size, generate
from videos.models import Video

BAD_INPUT = 2
SIZES = {"videos": 1_000_000, "channels": 5_000, "categories": 50, "tags": 20_000}


class Command(BaseCommand):
    """Write made-up channels and videos; the same seed writes the same ones."""

    help = (
        "Fill the catalogue with made-up channels, videos, categories and tags, for trying things at size. "
        "Exit codes: 0 done, 2 bad input, or there are videos already."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        for name, number in SIZES.items():
            parser.add_argument(f"--{name}", type=int, default=number, metavar="N", help=f"{number:,} by default")
        parser.add_argument("--seed", type=int, default=1, help="another number, other rows; 1 by default")
        parser.add_argument(
            "--until",
            type=date.fromisoformat,
            default=date(2026, 1, 1),
            metavar="DATE",
            help="nothing is newer; 2026-01-01 by default",
        )
        parser.add_argument("--add", action="store_true", help="also where there are videos already")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        if wrong := [name for name in SIZES if options[name] < 1]:
            raise CommandError(f"--{wrong[0]} takes a whole number of at least 1.", returncode=BAD_INPUT)
        if not options["add"] and Video.objects.exists():
            words = "There are videos already, and they would be mixed with made-up ones. --add does that all the same."
            raise CommandError(words, returncode=BAD_INPUT)
        try:
            self._generate(options)
        except AlreadyMadeError as error:
            words = f"The catalogue of seed {options['seed']} is there already; take another --seed."
            raise CommandError(words, returncode=BAD_INPUT) from error
        except ValueError as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        call_command("index_search", verbosity=options["verbosity"])

    def _generate(self, options: dict[str, Any]) -> None:
        console = Console(quiet=options["verbosity"] == 0)
        columns = TextColumn("videos"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
        size = Size(**{name: options[name] for name in SIZES})
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task("videos", total=size.videos)
            for number in generate(size, seed=options["seed"], until=options["until"]):
                progress.advance(bar, number)
