"""manage.py index_search: write all documents of the search, and learn their words."""

import sys
import uuid
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
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
            written = 0
            for ids in _in_order():
                with transaction.atomic():
                    written += index(ids)
                progress.advance(bar, len(ids))
        forget_words()
        learned = learn_words(everything=True)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE videos_searchdocument, videos_searchword")
        self.stdout.write(f"{written:,} documents written; the words of {learned:,} learned.")


def _in_order() -> Iterator[list[uuid.UUID]]:
    """All videos, oldest first: documents that lie in the order of their dates make common words faster to find."""
    # The catalogue and the deleted ones each on their own: the index of dates knows the catalogue only.
    for part in (Video.objects.in_catalogue(), Video.objects.exclude(deleted_at=None)):
        videos = rest = part.order_by("published_at", "pk")
        while found := list(rest.values_list("published_at", "pk")[:AT_ONCE]):
            last_date, last_id = found[-1]
            yield [video_id for _, video_id in found]
            rest = videos.filter(published_at__gte=last_date).exclude(published_at=last_date, pk__lte=last_id)
