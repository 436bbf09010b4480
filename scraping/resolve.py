"""Finding out who a new channel is, and letting the same job go on with its lists."""

from collections.abc import Callable

from django.db import IntegrityError

from channels.addresses import Address, parse_address
from channels.follow import Identity, scan_targets, settle
from channels.models import Channel
from nisam.jobs.models import Level
from nisam.jobs.run import Run
from nisam.lib.errors import OperationError
from scraping import errors
from scraping.schedule import next_check_after
from scraping.sources.source import Source


def resolve(run: Run, source_of: Callable[[Channel], Source]) -> None:
    """Ask the platform who the item's channel is; its tabs become further items of the job."""
    channel = Channel.objects.filter(pk=run.item.target_id).first()
    if channel is None:
        raise errors.UnsupportedError("The channel was deleted meanwhile.")
    if channel.is_resolved:  # an earlier attempt got this far
        return
    try:
        with run.waiting():
            identity = _identity(source_of(channel), parse_address(channel.url))
    except OperationError as error:
        with run.step() as step:
            step.log("error", f"{channel.url}: {error}", Level.ERROR, code=error.code)
            # An address that leads nowhere is left to the operator; everything else may be different later.
            hopeless = error.permanent or isinstance(error, errors.ChannelGoneError)
            Channel.objects.filter(pk=channel.pk).update(
                error_code=error.code,
                error_message=str(error),
                resolve_at=None if hopeless else next_check_after(error),
            )
        raise
    try:
        _settle(run, channel, identity)
    except IntegrityError:  # another worker made the same channel from another form of its address
        _settle(run, channel, identity)


def _identity(source: Source, address: Address) -> Identity:
    if not address.is_video:
        return source.resolve(address)
    _name, url = source.channel_of(address.url)
    return source.resolve(parse_address(url))


def _settle(run: Run, channel: Channel, identity: Identity) -> None:
    with run.step() as step:
        settled = settle(channel, identity)
        if settled.pk != channel.pk:
            step.log(
                "log",
                f"{channel.url} is “{settled.name}”, which is followed already",
                channelId=str(settled.pk),
            )
        else:
            step.log("log", f"{channel.url} is “{settled.name}”", channelId=str(settled.pk))
        step.targets = scan_targets(settled, run.job.options.get("kinds") or ())
