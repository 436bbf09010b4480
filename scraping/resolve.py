"""Finding out who a new channel is, and letting the same job go on with its lists."""

from django.db import IntegrityError

from channels.addresses import Address, parse_address
from channels.follow import Identity, scan_targets, settle
from channels.models import Channel
from nisam.jobs.models import Level
from nisam.jobs.run import Run
from nisam.lib.errors import Blocks, OperationError
from scraping import errors
from scraping.door import Door
from scraping.rhythm import next_check_after
from scraping.sources import choose


def resolve(run: Run, channel: Channel, door: Door) -> None:
    """Ask the platform who a channel is; its lists become further items of the job."""
    try:
        identity = _identity(parse_address(channel.url), door)
    except OperationError as error:
        _note_failure(run, channel, error)
        raise
    try:
        _settle(run, channel, identity)
    except Channel.DoesNotExist as error:
        raise errors.UnsupportedError("The channel was deleted meanwhile.") from error
    except IntegrityError:  # another worker made the same channel from another form of its address
        _settle(run, channel, identity)


def _note_failure(run: Run, channel: Channel, error: OperationError) -> None:
    if error.blocks == Blocks.HOST:
        return
    with run.step() as step:
        step.log("error", f"{channel.url}: {error}", Level.ERROR, code=error.code)
        # An address that leads nowhere is left to the operator; everything else may be different later.
        hopeless = error.permanent or isinstance(error, errors.ChannelGoneError)
        Channel.objects.filter(pk=channel.pk).update(
            error_code=error.code,
            error_message=str(error),
            resolve_at=None if hopeless else next_check_after(error),
        )


def _identity(address: Address, door: Door) -> Identity:
    if not address.is_video:
        return choose.resolve(address, door)
    _name, url = choose.source_for(address.platform, door).channel_of(address.url)
    return choose.resolve(parse_address(url), door)


def _settle(run: Run, channel: Channel, identity: Identity) -> None:
    with run.step() as step:
        settled = settle(channel, identity)
        known = ", which is followed already" if settled.pk != channel.pk else ""
        step.log("log", f"{channel.url} is “{settled.name}”{known}", channelId=str(settled.pk))
        step.targets = scan_targets(settled, run.job.options)
