"""manage.py scrape_channel: read channels now."""

import json
import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from channels.addresses import AddressError, parse_address
from channels.follow import AlreadyFollowedError, follow, scan
from channels.models import Channel, TabKind
from nisam.jobs.cancel import AlreadyFinishedError, cancel_interrupted
from nisam.jobs.inline import process_name, work_off
from nisam.jobs.models import Job, Status
from nisam.jobs.serializers import JobSerializer
from nisam.lib.errors import OperationError
from scraping.console import shown, summary
from scraping.sources.ytdlp import YtdlpSource

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
# A new address that fails for one of these was wrong to begin with: it leaves nothing behind.
_WRONG_ADDRESS = {"unsupported", "private_host", "single_video", "bad_address", "channel_gone", "parse"}


class Command(BaseCommand):
    """Read channels' lists into the catalogue, following first those that are new."""

    help = (
        "Read channels now: addresses, handles, or the slugs of channels that are followed. "
        "Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument(
            "addresses", nargs="+", metavar="address", help="such as https://www.youtube.com/@kurzgesagt or @kurzgesagt"
        )
        parser.add_argument(
            "--tab", action="append", choices=TabKind.values, default=[], help="only this list; repeatable"
        )
        parser.add_argument("--full", action="store_true", help="read to the end, also what is known")
        parser.add_argument("--limit", type=int, metavar="N", help="at most N entries of each list")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--wait",
            action="store_true",
            help="run it in this process and show it; the default on a terminal",
        )
        how.add_argument("--enqueue", action="store_true", help="leave it to the workers; the default elsewhere")
        parser.add_argument("--json", action="store_true", help="print the job as JSON, nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        if options["limit"] is not None and options["limit"] < 1:
            self._refuse("--limit takes a whole number of at least 1.")
        channels, new = self._channels(options["addresses"])
        # Without a broker nobody would be woken, so the work is done here.
        wait = options["wait"] or not (options["enqueue"] or (settings.REDIS_URL and not sys.stdout.isatty()))
        try:
            started = scan(
                channels,
                requested_by=f"scrape_channel ({os.environ.get('USER') or 'nobody'}@{socket.gethostname()})",
                full=options["full"],
                kinds=options["tab"],
                limit=options["limit"],
                wake_workers=not wait,
            )
        except OperationError as error:
            self._refuse(str(error))
        if not started.created:
            names = ", ".join(f"“{channel.name}”" for channel in channels)
            self.stderr.write(f"{names}: being read already, by job {started.job.pk}; following that one.")
        if wait:
            self._finish(self._work_off(started.job, options), new, as_json=options["json"])
        else:
            self._show(started.job, as_json=options["json"])

    def _channels(self, addresses: list[str]) -> tuple[list[Channel], list[Channel]]:
        """All of them, and those that are new; refuses the first that is no address, before any is followed."""
        for typed in addresses:
            self._check(typed)
        found = [self._channel(typed) for typed in addresses]
        return [channel for channel, _ in found], [channel for channel, is_new in found if is_new]

    def _check(self, typed: str) -> None:
        if Channel.objects.filter(slug=typed).exists():
            return
        try:
            address = parse_address(typed)
        except AddressError as error:
            self._refuse(str(error))
        if address.is_video:
            self._refuse(f"“{typed}” is one video, not a channel. {self._offer(typed)}")

    def _channel(self, typed: str) -> tuple[Channel, bool]:
        if followed := Channel.objects.filter(slug=typed).first():
            return followed, False
        try:
            return follow(typed), True
        except AlreadyFollowedError as known:
            return known.channel, False

    def _offer(self, video_url: str) -> str:
        try:
            name, url = YtdlpSource().channel_of(video_url)
        except OperationError as error:
            return f"Its channel could not be asked for: {error}"
        return f"It is in the channel “{name}”. To follow that: manage.py scrape_channel {url}"

    def _work_off(self, job: Job, options: dict[str, Any]) -> Job:
        console = Console(
            file=sys.stderr if options["json"] else sys.stdout,
            quiet=options["json"] or options["verbosity"] == 0,
        )
        try:
            with shown(job.pk, console):
                return work_off(job.pk, worker=process_name())
        except KeyboardInterrupt:
            try:
                cancel_interrupted(job)
            except AlreadyFinishedError:
                self.stderr.write("The job had ended.")
            job.refresh_from_db()
            self._show(job, as_json=options["json"])
            raise CommandError("Interrupted; what was read so far is kept.", returncode=INTERRUPTED) from None

    def _finish(self, job: Job, new: list[Channel], *, as_json: bool) -> None:
        self._show(job, as_json=as_json)
        failed = job.items.filter(status=Status.FAILED).first()
        wrong = job.items.filter(
            status=Status.FAILED, error_code__in=_WRONG_ADDRESS, target__in=[f"channel:{channel.pk}" for channel in new]
        )
        if refused := list(wrong):
            Channel.objects.filter(pk__in=[item.target_id for item in refused], external_id=None).delete()
            self._refuse(" ".join(item.error_message for item in refused))
        if waiting := job.items.active().order_by("available_at").first():
            until = f"{waiting.available_at:%H:%M} UTC"
            words = (
                f"{waiting.error_message} The workers go on with it at {until}, or this command when it is run again."
            )
            raise CommandError(words, returncode=FAILED)
        if job.status != Status.COMPLETED or failed:
            raise CommandError(job.error_message or f"The job was {job.status}.", returncode=FAILED)

    def _show(self, job: Job, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(JobSerializer(job).data, indent=2, default=str))
        else:
            Console(file=sys.stdout).print(summary(job))

    def _refuse(self, message: str) -> NoReturn:
        raise CommandError(message, returncode=BAD_INPUT)
