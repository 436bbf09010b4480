"""Following a channel: a row at once, its identity as soon as a worker has asked the platform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from channels.addresses import Address, SingleVideoError, parse_address
from channels.models import Channel, ChannelAlias, ChannelTab
from nisam.jobs.start import Started, Target, start
from nisam.lib.errors import OperationError

SCAN = "channel_scan"
# What a platform tells of a channel beside its identity.
DESCRIBED = ("name", "handle", "description", "avatar_url", "follower_count", "feed_url")


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
    feed_url: str = ""
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
                name=name or placeholder(address.url),
                platform=address.platform,
                url=address.url,
                upstream={"name": ""} if name else {},
            )
            ChannelAlias.objects.create(channel=channel, key=address.key)
    except IntegrityError as error:  # somebody else added it between the look and the insert
        raise AlreadyFollowedError(Channel.objects.known_as(address).get()) from error
    return channel


def placeholder(url: str) -> str:
    """What a channel is called until its platform has told its name."""
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
    targets = [target for channel in channels for target in scan_targets(channel, options)]
    return start(SCAN, targets, requested_by=requested_by, options=options, wake_workers=wake_workers)


def scan_targets(channel: Channel, options: Mapping[str, Any]) -> list[Target]:
    """What a job with these options works on for a channel: see `targets_of`."""
    if not channel.is_resolved:
        return [channel_target(channel)]
    tabs = list(channel.tabs.followed())
    if kinds := options.get("kinds"):
        return list_targets(channel, [tab for tab in tabs if tab.kind in kinds])
    if options.get("full") or options.get("limit"):
        return list_targets(channel, tabs)
    return look_targets(channel, tabs)


def look_targets(channel: Channel, tabs: Sequence[ChannelTab]) -> list[Target]:
    """What shows whether there is anything new: the channel's feed where it can tell, else each of the lists."""
    now = timezone.now()
    has_feed = channel.feed_url and (channel.feed_retry_at is None or channel.feed_retry_at <= now)
    # A feed shows the newest few only: it says nothing about a list that was never read, or not to its end.
    if has_feed and tabs and not any(tab.is_full_pass_due or tab.feed_fell_short or tab.failures for tab in tabs):
        return [channel_target(channel)]
    return list_targets(channel, tabs)


def list_targets(channel: Channel, tabs: Sequence[ChannelTab]) -> list[Target]:
    """The targets of lists that are to be read."""
    return [Target(f"tab:{tab.pk}", f"{channel.name} · {tab.kind}", channel.pk, channel.name) for tab in tabs]


def channel_target(channel: Channel) -> Target:
    """The target of a channel that is to be resolved."""
    return Target(f"channel:{channel.pk}", channel.name, channel.pk, channel.name)


def settle(channel: Channel, identity: Identity) -> Channel:
    """Write what the platform says of a channel that was not resolved; must run in a transaction.

    When another row is that channel already, this row's aliases go to it, this row goes, and the other is returned
    as it was: an address that merely claims to be a known channel changes nothing of it. Raises Channel.DoesNotExist
    for a row that was deleted meanwhile.
    """
    same = Channel.objects.filter(platform=identity.platform, external_id=identity.external_id)
    if known := same.exclude(pk=channel.pk).first():
        channel.aliases.update(channel=known)
        channel.delete()
        return known
    # As it is now: an operator may have edited it.
    channel = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    if "name" not in channel.upstream:
        channel.name, channel.slug = identity.name or channel.name, ""  # nobody has linked to a placeholder
    channel.platform, channel.external_id = identity.platform, identity.external_id
    channel.url = identity.url or channel.url
    channel.error_code = channel.error_message = ""
    channel.resolve_at = None
    describe(channel, identity)
    channel.save()
    ChannelTab.objects.bulk_create(
        (ChannelTab(channel=channel, kind=tab.kind, url=tab.url) for tab in identity.tabs), ignore_conflicts=True
    )
    return channel


def tells_news(channel: Channel, identity: Identity) -> bool:
    """Whether a platform says something of a channel that the row does not say yet; asks the database nothing."""
    return any(
        value not in ("", None) and value != (channel.upstream.get(name) or getattr(channel, name))
        for name in DESCRIBED
        for value in (getattr(identity, name),)
    )


def describe(channel: Channel, identity: Identity) -> list[str]:
    """Take over what the platform says of a channel it is; returns the renames, in words.

    Changes the object and adds the aliases; saving the row is the caller's. A field that an operator has edited
    stays, with the platform's value beside it in `upstream`.
    """
    renames = []
    for name in DESCRIBED:
        value, before = getattr(identity, name), getattr(channel, name)
        if value in ("", None):
            continue
        if name in channel.upstream:
            channel.upstream[name] = value
            continue
        if before and value != before and name in {"name", "handle"}:
            renames.append(f"“{before}” is called “{value}” now")
            if name == "name":
                channel.former_names.append({"name": before, "until": timezone.now().isoformat(timespec="seconds")})
        setattr(channel, name, value)
    ChannelAlias.objects.bulk_create(
        (ChannelAlias(channel=channel, key=key) for key in identity.keys), ignore_conflicts=True
    )
    return renames


def alias_keys(addresses: Sequence[Address]) -> list[str]:
    """The distinct keys of several forms of one channel's address."""
    return list(dict.fromkeys(address.key for address in addresses))
