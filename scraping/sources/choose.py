"""Which source reads what."""

from channels.addresses import Address, parse_address, peertube_actor
from channels.follow import Identity
from nisam.lib.errors import OperationError
from scraping import errors
from scraping.door import Door
from scraping.sources.feed import FeedSource, feed_identity, looks_like_feed, parse_feed
from scraping.sources.markup import linked_feeds
from scraping.sources.peertube import PeerTubeSource
from scraping.sources.source import Source
from scraping.sources.ytdlp import YtdlpSource

# How a site that is no PeerTube answers to a question of PeerTube's API.
_NO_PEERTUBE = (errors.ChannelGoneError, errors.LoginRequiredError, errors.ParseError)


def source_for(platform: str, door: Door) -> Source:
    """What reads a channel of a platform, as its identity calls it."""
    if platform == "peertube":
        return PeerTubeSource(door)
    if platform == "feed":
        return FeedSource(door)
    return YtdlpSource(door)


def resolve(address: Address, door: Door) -> Identity:
    """Find out which source reads an address, and ask it who the channel is.

    Raises UnsupportedError, in words that say what is accepted, when none does, and what the sources raise.
    """
    if address.platform in {"youtube", "peertube"}:
        return source_for(address.platform, door).resolve(address)
    refusal: OperationError | None = None
    if peertube_actor(address.url):
        try:
            return PeerTubeSource(door).resolve(address)
        except _NO_PEERTUBE as error:
            refusal = error
    try:
        identity = YtdlpSource(door).resolve(address)
    except errors.UnsupportedError as unsupported:
        return _of_page(address, door, unsupported)
    if identity.platform == "peertube":  # yt-dlp's ids there are each instance's own
        raise refusal or errors.UnsupportedError("On PeerTube channels and accounts can be followed, nothing else.")
    return identity


def _of_page(address: Address, door: Door, unsupported: errors.UnsupportedError) -> Identity:
    """The feed at an address, or the first that the page there names. Raises `unsupported` when there is none."""
    fetched = door.fetch(address.url)
    if looks_like_feed(fetched.body):
        return feed_identity(parse_feed(fetched, address.url), address.url, address)
    linked = linked_feeds(fetched.body, fetched.url)
    if not linked:
        raise unsupported
    if (of_feed := parse_address(linked[0])).platform == "youtube":  # the feed says the least about a channel there
        return resolve(of_feed, door)
    return FeedSource(door).resolve_linked(linked[0], address)
