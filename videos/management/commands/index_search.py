"""manage.py index_search: write all documents of the search, and learn their words."""

import sys
import uuid
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from videos.models import Video
from videos.search.index import index
from videos.search.learn import forget_words, learn_words

AT_ONCE = 1000


class Command(BaseCommand):
    """Bring the search up to date with the catalogue; it may be interrupted, and be run while the site is."""

    help = "Write the documents of all videos that lack one or have an old one, then learn all their words anew."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        console = Console(file=sys.stderr, quiet=options["verbosity"] == 0)
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            bar = progress.add_task("documents", total=Video.objects.count())
            written, last = 0, uuid.UUID(int=0)
            while ids := list(Video.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
                with transaction.atomic():
                    written += index(ids)
                last = ids[-1]
                progress.advance(bar, len(ids))
        forget_words()
        learned = learn_words(everything=True)
        self.stdout.write(f"{written:,} documents written; the words of {learned:,} learned.")
