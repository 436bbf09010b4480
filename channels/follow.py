"""Following a channel: a row at once, its identity as soon as a worker has asked the platform."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from channels.addresses import Address, SingleVideoError, parse_address
from channels.models import Channel, ChannelAlias, ChannelTab
from nisam.jobs.start import Started, Target, start
from nisam.lib.errors import OperationError

SCAN = "channel_scan"


class AlreadyFollowedError(OperationError):
    """The address belongs to a channel that is there already."""

    code = "already_followed"
    permanent = True

    def __init__(self, channel: Channel) -> None:
        super().__init__(f"“{channel.name}” is followed already.")
        self.channel = channel


@dataclass(frozen=True)
class TabAddress:
    """A list of a channel and where it is read."""

    kind: str
    url: str


@dataclass(frozen=True)
class Identity:
    """Who a channel is, as its platform says. Empty text and None mean that the platform did not say."""

    platform: str
    external_id: str
    name: str
    url: str
    handle: str = ""
    description: str = ""
    avatar_url: str = ""
    follower_count: int | None = None
    keys: Sequence[str] = ()
    tabs: Sequence[TabAddress] = field(default_factory=tuple)


def follow(typed: str, *, name: str = "", of_video: bool = False) -> Channel:
    """A new channel for an address that no channel is known by; its identity is still to be resolved.

    `of_video`: the address of a video stands for the channel it is in. Raises AddressError (SingleVideoError
    for a video where a channel was meant) and AlreadyFollowedError. Nothing is asked of the network.
    """
    address = parse_address(typed)
    if address.is_video and not of_video:
        raise SingleVideoError(f"“{typed.strip()[:80]}” is one video, not a channel.")
    if known := Channel.objects.known_as(address).first():
        raise AlreadyFollowedError(known)
    try:
        with transaction.atomic():
            channel = Channel.objects.create(
                name=name or _placeholder(address.url), platform=address.platform, url=address.url
            )
            ChannelAlias.objects.create(channel=channel, key=address.key)
    except IntegrityError as error:  # somebody else added it between the look and the insert
        raise AlreadyFollowedError(Channel.objects.known_as(address).get()) from error
    return channel


def _placeholder(url: str) -> str:
    return url.removeprefix("https://").removeprefix("www.")[:300]


def scan(
    channels: Sequence[Channel],
    *,
    requested_by: str,
    full: bool = False,
    kinds: Sequence[str] = (),
    limit: int | None = None,
    wake_workers: bool = True,
) -> Started:
    """Start a job that reads the lists of these channels (only `kinds`, if given), resolving those that are new.

    `limit` bounds the entries read per list. When a job already reads all of them, that job is returned.
    """
    options = {"full": full, "kinds": list(kinds), "limit": limit}
    targets = [target for channel in channels for target in scan_targets(channel, kinds)]
    return start(SCAN, targets, requested_by=requested_by, options=options, wake_workers=wake_workers)


def scan_targets(channel: Channel, kinds: Sequence[str]) -> list[Target]:
    """What a job works on for a channel: its tabs, or the channel itself while nobody knows its tabs."""
    if not channel.is_resolved:
        return [channel_target(channel)]
    tabs = channel.tabs.filter(kind__in=kinds) if kinds else channel.tabs.exclude(error_code="tab_missing")
    return [tab_target(tab, channel) for tab in tabs]


def channel_target(channel: Channel) -> Target:
    """The target of a channel that is to be resolved."""
    return Target(f"channel:{channel.pk}", channel.name)


def tab_target(tab: ChannelTab, channel: Channel) -> Target:
    """The target of one tab."""
    return Target(f"tab:{tab.pk}", f"{channel.name} · {tab.kind}")


def settle(channel: Channel, identity: Identity) -> Channel:
    """Write what the platform says of a channel; must run in a transaction.

    When another row is that channel already, this row's aliases go to it, this row goes, and the other is returned.
    """
    same = Channel.objects.filter(platform=identity.platform, external_id=identity.external_id)
    settled = same.exclude(pk=channel.pk).first() or channel
    if settled.pk != channel.pk:
        channel.aliases.update(channel=settled)
        channel.delete()
    _describe(settled, identity)
    ChannelAlias.objects.bulk_create(
        (ChannelAlias(channel=settled, key=key) for key in identity.keys), ignore_conflicts=True
    )
    ChannelTab.objects.bulk_create(
        (ChannelTab(channel=settled, kind=tab.kind, url=tab.url) for tab in identity.tabs),
        ignore_conflicts=True,
    )
    return settled


def _describe(channel: Channel, identity: Identity) -> None:
    if identity.name and channel.name == _placeholder(channel.url):
        channel.name, channel.slug = identity.name, ""
    channel.platform, channel.external_id = identity.platform, identity.external_id
    for name in ("url", "handle", "description", "avatar_url", "follower_count"):
        if (value := getattr(identity, name)) not in ("", None):
            setattr(channel, name, value)
    channel.error_code = channel.error_message = ""
    channel.resolve_at = None
    channel.save()


def alias_keys(addresses: Sequence[Address]) -> list[str]:
    """The distinct keys of several forms of one channel's address."""
    return list(dict.fromkeys(address.key for address in addresses))
