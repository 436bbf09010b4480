"""manage.py why_channel: when a channel is looked at next, and why then."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from channels.models import Channel
from scraping.why import Explanation, explain

BAD_INPUT = 2


class Command(BaseCommand):
    """Say when each list of a channel is looked at next, and everything that decides it."""

    help = (
        "Say when a channel is looked at next, and why then: an address, a handle or the slug of a channel that is "
        "followed. Exit codes: 0 done, 2 no such channel."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("channel", help="such as @kurzgesagt, its address, or its slug")
        parser.add_argument("--json", action="store_true", help="print it as JSON, nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        channel = Channel.objects.all().named(options["channel"])
        if channel is None:
            words = f"No channel is known as “{options['channel']}”. Give its address, handle or slug."
            raise CommandError(words, returncode=BAD_INPUT)
        explanation = explain(channel, timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(asdict(explanation), indent=2, cls=DjangoJSONEncoder))
        else:
            self.stdout.write("\n".join(_lines(explanation)))


def _lines(explanation: Explanation) -> list[str]:
    lines = [explanation.name, *(f"  {sentence}" for sentence in explanation.state)]
    for one in explanation.lists:
        lines += ["", f"{one.kind}: next look {one.next_look}"]
        lines += [f"  - {reason}" for reason in one.because]
        lines += [f"  - It is read to its end {one.next_full_pass}."] if one.next_full_pass else []
    for title, sentences in (("Jobs", [job.words for job in explanation.jobs]), ("Hosts", explanation.hosts)):
        if sentences:
            lines += ["", f"{title}:", *(f"  - {sentence}" for sentence in sentences)]
    return lines
