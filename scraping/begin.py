"""Starting the jobs that an operator asks for by their type: everything, one channel, or what is due."""

from collections import defaultdict
from uuid import UUID

from channels.follow import channel_target, list_targets, look_targets, scan
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Job
from nisam.jobs.start import NothingToDoError, Started, Target, start
from nisam.lib.errors import OperationError
from scraping.schedule import DUE, dispatch_due

FULL = "full_sync"


class UnknownChannelError(OperationError):
    """A job was asked for that reads a channel which is not there."""

    code = "not_found"
    permanent = True


def read_channel(channel_id: UUID, *, incremental: bool, requested_by: str) -> Started:
    """Read one channel; to its end unless `incremental`. Raises UnknownChannelError and NothingToDoError."""
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise UnknownChannelError(f"There is no channel {channel_id}.")
    return scan([channel], requested_by=requested_by, full=not incremental)


def read_everything(*, incremental: bool, requested_by: str) -> Started:
    """Read every channel that is followed; to its end unless `incremental`. Raises NothingToDoError.

    A job of this type that has not ended is returned instead of a second one, which would begin from the top again.
    """
    if active := Job.objects.active().filter(type=FULL).first():
        return Started(active, created=False)
    targets = _everything(incremental=incremental)
    if not targets:
        raise NothingToDoError("No channel is followed, so there is nothing to read.")
    return start(FULL, targets, requested_by=requested_by, options={"full": not incremental})


def read_due(*, requested_by: str) -> Started:
    """Read what is due now, as the schedule does. Raises NothingToDoError."""
    if job := dispatch_due(requested_by=requested_by):
        return Started(job, created=True)
    if active := Job.objects.active().filter(type=DUE).order_by("-created_at").first():
        return Started(active, created=False)
    raise NothingToDoError("There is nothing to hand out: nothing is due, or its hosts have enough to do.")


def _everything(*, incremental: bool) -> list[Target]:
    """Two statements, however many channels there are."""
    unknown = Channel.objects.filter(is_active=True, external_id=None)
    tabs_of: dict[Channel, list[ChannelTab]] = defaultdict(list)
    followed = ChannelTab.objects.followed().filter(channel__is_active=True, channel__external_id__isnull=False)
    for tab in followed.select_related("channel"):
        tabs_of[tab.channel].append(tab)
    targets_of = look_targets if incremental else list_targets
    return [
        *map(channel_target, unknown),
        *(target for channel, tabs in tabs_of.items() for target in targets_of(channel, tabs)),
    ]
