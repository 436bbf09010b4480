"""Bringing subscriptions: what a list would add, and following what is new in it."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from channels.addresses import ACCEPTED, LONGEST, Address, AddressError, parse_address
from channels.exchange_formats import UNREADABLE, Listed, read_list
from channels.follow import placeholder
from channels.models import Channel, ChannelAlias
from nisam.lib.slugs import unique_slug

# New channels are looked up one after another, so that a long list is no burst of requests.
RESOLVE_GAP = timedelta(seconds=2)
_LONGEST_NAME = 300


class Verdict(StrEnum):
    """What following a list would do with one of its rows."""

    NEW = "new"
    KNOWN = "known"
    DUPLICATE = "duplicate"
    INVALID = "invalid"


@dataclass(frozen=True)
class Row:
    """A row of a list and what it comes to. `channel` is there for `known`, `address` unless `invalid`."""

    position: int
    typed: str
    name: str
    verdict: Verdict
    reason: str = ""
    address: Address | None = None
    channel: Channel | None = None


def preview(text: str) -> list[Row]:
    """What following a list would do, row by row; one SQL statement whatever its length. Raises ListError."""
    parsed = [(listed, *_addresses(listed)) for listed in read_list(text)]
    aliases = _aliases(address.key for _, forms, _ in parsed for address in forms)
    seen: dict[str, int] = {}
    return [_row(listed, forms, refusal, aliases, seen) for listed, forms, refusal in parsed]


def count_verdicts(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows of each verdict, zeros included."""
    counted = Counter(row.verdict for row in rows)
    return {verdict.value: counted[verdict] for verdict in Verdict}


def follow_all(rows: Sequence[Row]) -> list[Channel]:
    """Follow the rows that are new; returns the channels that this call made, without those another call made first."""
    now = timezone.now()
    new = [(row.address, row.name) for row in rows if row.verdict == Verdict.NEW and row.address]
    made = [(address.key, _channel(address, name)) for address, name in new]
    for number, (_, channel) in enumerate(made):
        channel.resolve_at = now + number * RESOLVE_GAP
    channels = [channel for _, channel in made]
    # In one order, so that two imports never wait for each other.
    made.sort(key=lambda pair: pair[0])
    with transaction.atomic():
        Channel.objects.bulk_create(channels)
        # The unique key decides who was first.
        ChannelAlias.objects.bulk_create(
            (ChannelAlias(channel=channel, key=key) for key, channel in made), ignore_conflicts=True
        )
        late = Channel.objects.filter(pk__in=[channel.pk for channel in channels], aliases=None)
        late_ids = set(late.values_list("pk", flat=True))
        if late_ids:
            Channel.objects.filter(pk__in=late_ids).delete()
    return [channel for channel in channels if channel.pk not in late_ids]


def _channel(address: Address, name: str) -> Channel:
    row_id = uuid.uuid4()
    name = name[:_LONGEST_NAME] or placeholder(address.url)
    # bulk_create does not call save, which gives a channel its slug.
    slug = unique_slug(name, row_id, "channel")
    return Channel(id=row_id, name=name, slug=slug, platform=address.platform, url=address.url)


def _addresses(listed: Listed) -> tuple[list[Address], str]:
    """The forms of a row's address, the one to follow first; none, with the reason in words, when it is no address."""
    try:
        forms = [_parse(listed.address)]
    except AddressError as error:
        return [], str(error).removesuffix(ACCEPTED).strip()
    try:
        return [*forms, *([_parse(listed.page)] if listed.page else [])], ""
    except AddressError:  # the page only helps to recognise a feed's channel
        return forms, ""


def _parse(typed: str) -> Address:
    address = parse_address(typed)
    if UNREADABLE in typed or len(typed.split()) > 1:
        raise AddressError("It has characters that no address has.")
    if len(address.url) > LONGEST:
        raise AddressError(f"It is longer than the {LONGEST} characters an address may have.")
    return address


def _aliases(keys: Iterable[str]) -> dict[str, Channel]:
    known = ChannelAlias.objects.filter(key__in=set(keys)).select_related("channel")
    return {alias.key: alias.channel for alias in known}


def _row(listed: Listed, forms: list[Address], refusal: str, aliases: dict[str, Channel], seen: dict[str, int]) -> Row:
    def row(verdict: Verdict, reason: str = "", channel: Channel | None = None) -> Row:
        address = forms[0] if forms else None
        return Row(listed.position, listed.address, listed.name, verdict, reason, address, channel)

    if not forms:
        return row(Verdict.INVALID, refusal)
    first = seen.setdefault(forms[0].key, listed.position)
    if first != listed.position:
        return row(Verdict.DUPLICATE, f"The same as {first} in this list.")
    if channel := next((aliases[form.key] for form in forms if form.key in aliases), None):
        return row(Verdict.KNOWN, channel=channel)
    if forms[0].is_video:
        return row(Verdict.INVALID, "This is one video, not a channel.")
    return row(Verdict.NEW)
