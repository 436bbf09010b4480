"""manage.py export_channels: take the channels along."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels.subscription_export import FORMATS, export

BAD_INPUT = 2


class Command(BaseCommand):
    """Every channel as OPML or CSV."""

    help = "Export every channel, also those that are paused. Exit codes: 0 done, 2 the file cannot be written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("--format", choices=list(FORMATS), default="opml", help="opml by default")
        parser.add_argument("--output", metavar="FILE", help="replaces this file; the standard output by default")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        text = export(options["format"])
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            # newline="" keeps CSV's own line ends.
            Path(options["output"]).write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            words = f"{options['output']} cannot be written: {error.strerror}."
            raise CommandError(words, returncode=BAD_INPUT) from error
