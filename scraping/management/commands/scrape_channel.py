"""manage.py scrape_channel: read a channel now."""

import json
import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from channels.addresses import AddressError, SingleVideoError
from channels.follow import AlreadyFollowedError, follow, scan
from channels.models import Channel, TabKind
from nisam.jobs.cancel import AlreadyFinishedError, request_cancel
from nisam.jobs.inline import work_off
from nisam.jobs.models import Job, Status
from nisam.jobs.serializers import JobSerializer
from nisam.lib.errors import OperationError
from scraping.console import shown, summary
from scraping.sources.ytdlp import YtdlpSource

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
# A new address that fails for one of these was wrong to begin with: it leaves nothing behind.
_WRONG_ADDRESS = {"unsupported", "private_host", "single_video", "bad_address", "channel_gone", "parse"}


class Command(BaseCommand):
    """Read a channel's lists into the catalogue, following it first when it is new."""

    help = (
        "Read a channel now: an address, a handle, or the slug or id of a channel that is followed. "
        "Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("address", help="such as https://www.youtube.com/@kurzgesagt or @kurzgesagt")
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
        channel, is_new = self._channel(options["address"])
        # Without a broker nobody would be woken, so the work is done here.
        wait = options["wait"] or not (options["enqueue"] or (settings.REDIS_URL and not sys.stdout.isatty()))
        try:
            started = scan(
                [channel],
                requested_by=f"scrape_channel ({os.environ.get('USER') or 'nobody'}@{socket.gethostname()})",
                full=options["full"],
                kinds=options["tab"],
                limit=options["limit"],
                wake_workers=not wait,
            )
        except OperationError as error:
            self._refuse(str(error))
        if not started.created:
            self.stderr.write(f"“{channel.name}” is being read already, by job {started.job.pk}; following that one.")
        if wait:
            self._finish(self._work_off(started.job, options), channel, is_new=is_new, as_json=options["json"])
        else:
            self._show(started.job, as_json=options["json"])

    def _channel(self, typed: str) -> tuple[Channel, bool]:
        if followed := Channel.objects.filter(slug=typed).first():
            return followed, False
        try:
            return follow(typed), True
        except AlreadyFollowedError as known:
            return known.channel, False
        except SingleVideoError as error:
            self._refuse(f"{error} {self._offer(typed)}")
        except AddressError as error:
            self._refuse(str(error))

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
                return work_off(job.pk, worker=f"{socket.gethostname()}:{os.getpid()}")
        except KeyboardInterrupt:
            try:
                request_cancel(job, requested_by="Ctrl-C")
            except AlreadyFinishedError:
                self.stderr.write("The job had ended.")
            job.refresh_from_db()
            self._show(job, as_json=options["json"])
            raise CommandError("Interrupted; what was read so far is kept.", returncode=INTERRUPTED) from None

    def _finish(self, job: Job, channel: Channel, *, is_new: bool, as_json: bool) -> None:
        self._show(job, as_json=as_json)
        failed = job.items.filter(status=Status.FAILED).first()
        if is_new and failed and failed.error_code in _WRONG_ADDRESS and failed.target.startswith("channel:"):
            Channel.objects.filter(pk=channel.pk, external_id=None).delete()
            self._refuse(failed.error_message)
        if job.status != Status.COMPLETED or failed:
            raise CommandError(job.error_message or f"The job was {job.status}.", returncode=FAILED)

    def _show(self, job: Job, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(JobSerializer(job).data, indent=2, default=str))
        else:
            Console(file=sys.stdout).print(summary(job))

    def _refuse(self, message: str) -> NoReturn:
        raise CommandError(message, returncode=BAD_INPUT)
