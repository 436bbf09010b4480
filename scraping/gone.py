"""Whether a channel is gone: asked again in a second way, and believed only when it is said for days."""

from channels.addresses import parse_address
from channels.models import Channel
from nisam.jobs.run import Run
from nisam.lib.errors import OperationError
from scraping import errors
from scraping.sources.source import Source


def ask_again(run: Run, channel: Channel, source: Source) -> None:
    """A list said that there is no such channel: ask for the channel itself, and keep both answers as proofs."""
    ways = ["list"]
    try:
        source.resolve(parse_address(channel.url))
    except errors.ChannelGoneError:
        ways.append("channel")
    except OperationError as error:
        run.log(f"{channel.name}: asked whether it is gone, and that failed: {error}")
    else:
        ways.clear()  # it is there, whatever its list says
    with run.step() as step:
        fresh = Channel.objects.select_for_update().get(pk=channel.pk)
        before = fresh.gone_at
        for way in ways:
            fresh.seems_gone(way)
        if fresh.gone_at and not before:
            step.log("log", f"{channel.name} is gone: said for days and in two ways. Its videos stay.", code="gone")
        fresh.save(update_fields=["gone_proofs", "gone_at"])
