"""Whether a channel is gone: asked again in a second way, and believed only when it is said for days."""

from datetime import datetime, timedelta

from django.utils import timezone

from channels.addresses import parse_address
from channels.models import Channel
from nisam.jobs.run import Run
from nisam.lib.errors import OperationError
from scraping import errors
from scraping.sources.source import Source

# So long, and by two ways of asking, a platform must say that a channel is gone before it counts as gone.
GONE_AFTER = timedelta(days=3)
MOST_PROOFS = 20


def ask_again(run: Run, channel: Channel, source: Source) -> None:
    """A list said that there is no such channel: ask for the channel itself, and keep both answers as proofs."""
    if channel.platform == "feed":  # its list and its address are the same, and a feed's error proves nothing
        return
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
        fresh = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
        before = fresh.gone_at
        if not ways:
            fresh.gone_proofs, fresh.gone_at = [], None
        for way in ways:
            add_proof(fresh, way)
        if fresh.gone_at and not before:
            step.log("log", f"{channel.name} is gone: said for days and in two ways. Its videos stay.", code="gone")
        fresh.save(update_fields=["gone_proofs", "gone_at"])


def add_proof(channel: Channel, way: str) -> None:
    """Note that the platform said, when asked in this way, that there is no such channel.

    One answer proves nothing. Said for days and in two different ways, it counts; the row is not saved here.
    """
    now = timezone.now()
    channel.gone_proofs = [*channel.gone_proofs, {"at": now.isoformat(timespec="seconds"), "way": way}][-MOST_PROOFS:]
    first = datetime.fromisoformat(channel.gone_proofs[0]["at"])
    ways = {proof["way"] for proof in channel.gone_proofs}
    if channel.gone_at is None and now - first >= GONE_AFTER and len(ways) > 1:
        channel.gone_at = now
