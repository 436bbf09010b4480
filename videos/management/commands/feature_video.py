"""manage.py feature_video: what stands at the top of the site, chosen without the admin."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from videos.models import Video

BAD_INPUT = 2


class Command(BaseCommand):
    """Put a video at the top of the site, or let the site choose."""

    help = "Show a video at the top of the site, or --clear: the site chooses. Exit codes: 0 done, 2 bad input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("video", nargs="?", help="its slug or id")
        which.add_argument("--clear", action="store_true", help="what trends most, else the newest, stands there")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        if options["clear"]:
            Video.objects.exclude(featured_at=None).update(featured_at=None)
            self.stdout.write("The site chooses by itself what stands at its top.")
            return
        video = Video.objects.in_catalogue().keyed(options["video"]).first()
        if video is None:
            raise CommandError(f"No video has the slug or id “{options['video']}”.", returncode=BAD_INPUT)
        video.feature()
        self.stdout.write(f"“{video}” stands at the top of the site.")
