"""manage.py import_channels: follow a list of channels."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels.exchange_formats import ACCEPTED_LISTS, MAX_BYTES, ListError, decoded
from channels.subscriptions import Row, Verdict, count_verdicts, follow_all, preview

BAD_INPUT = 2


class Command(BaseCommand):
    """Follow what is new in a list; running it again adds nothing."""

    help = (
        f"Follow a list of channels. {ACCEPTED_LISTS} "
        "Exit codes: 0 done, 2 bad input: the list cannot be read, or none of its rows is a channel."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("file", help="the list; - reads it from the standard input")
        parser.add_argument("--dry-run", action="store_true", help="say what would be followed, follow nothing")
        parser.add_argument("--json", action="store_true", help="print the counts and every row as JSON, nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        try:
            rows = preview(decoded(_read(options["file"])))
        except ListError as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.", returncode=BAD_INPUT) from error
        counts = count_verdicts(rows)
        if not options["dry_run"]:
            followed = len(follow_all(rows))
            # What somebody else followed in between is known by now.
            late = counts.pop("new") - followed
            counts = {"followed": followed, **counts, "known": counts["known"] + late}
        self._show(rows, counts, as_json=options["json"])
        if counts["invalid"] == len(rows):
            raise CommandError("None of the rows is a channel.", returncode=BAD_INPUT)

    def _show(self, rows: list[Row], counts: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({**counts, "rows": [_as_json(row) for row in rows]}, indent=2))
            return
        for row in rows:
            if row.verdict == Verdict.INVALID:
                self.stdout.write(f"{row.position}: {row.typed}: {row.reason}")
        self.stdout.write(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))


def _read(file: str) -> bytes:
    """At most one byte more than is accepted, which is enough to refuse it."""
    if file == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(file).open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _as_json(row: Row) -> dict[str, Any]:
    channel = str(row.channel.pk) if row.channel else None
    return {
        "position": row.position,
        "address": row.typed,
        "name": row.name,
        "verdict": row.verdict.value,
        "reason": row.reason,
        "channelId": channel,
    }
