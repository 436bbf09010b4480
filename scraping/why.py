"""Why a channel is looked at when it is: everything that decides it, in words, for whoever asks “why not sooner?”."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from channels.models import Channel, ChannelTab, TabKind
from nisam.jobs.models import JobItem
from scraping.door import host_of
from scraping.models import Coverage, Host
from scraping.rhythm import JITTER, LONGEST_BACK_OFF, Bounds, factors, words
from scraping.why_words import capital, gone, host_state, moment, named, working

# How often what is due is handed out, see nisam/schedule.py.
DISPATCH = timedelta(minutes=1)


@dataclass(frozen=True)
class ListExplanation:
    """When a list is looked at next, and what decides it, in order.

    `next_look_at` is empty when it is not looked at by itself; then `asks` and `next_full_pass` are, too.
    """

    kind: str
    next_look_at: datetime | None
    next_look: str
    asks: str
    because: Sequence[str]
    next_full_pass: str


@dataclass(frozen=True)
class Working:
    """A job that works on the channel at this moment."""

    job_id: UUID
    words: str


@dataclass(frozen=True)
class Explanation:
    """A channel's next looks: what holds for all of its lists, and each list."""

    channel_id: UUID
    name: str
    state: Sequence[str]
    jobs: Sequence[Working]
    hosts: Sequence[str]
    lists: Sequence[ListExplanation]


def explain(channel: Channel, now: datetime) -> Explanation:
    """When each list of a channel is looked at next, and why; five statements, however many lists there are."""
    known = _Known.of(channel, now)
    return Explanation(
        channel_id=channel.pk,
        name=channel.name,
        state=_state(channel, now),
        jobs=[Working(item.job_id, working(item, now)) for item in known.items.values()],
        hosts=[host_state(name, host, now) for name, host in known.hosts.items()],
        lists=[_explain_list(known, tab) for tab in known.tabs],
    )


@dataclass(frozen=True)
class _Known:
    """What the database says of a channel's next looks."""

    channel: Channel
    now: datetime
    tabs: Sequence[ChannelTab]
    items: dict[str, JobItem]
    hosts: dict[str, Host | None]
    broken: Sequence[Coverage]
    bounds: Bounds

    @classmethod
    def of(cls, channel: Channel, now: datetime) -> "_Known":
        tabs = sorted(channel.tabs.all(), key=lambda tab: TabKind.values.index(tab.kind))
        targets = [f"channel:{channel.pk}", *(f"tab:{tab.pk}" for tab in tabs)]
        items = JobItem.objects.active().for_targets(targets).select_related("job").order_by("target")
        names = sorted({host_of(url) for url in (channel.url, channel.feed_url, *(tab.url for tab in tabs)) if url})
        hosts = Host.objects.in_bulk(names)
        sources = [_source(channel, tab) for tab in tabs]
        broken = Coverage.objects.filter(source__in=sources, broken_at__isnull=False)
        return cls(
            channel=channel,
            now=now,
            tabs=tabs,
            items={item.target: item for item in items},
            hosts={name: hosts.get(name) for name in names},
            broken=list(broken),
            bounds=Bounds.now(),
        )

    def is_worked_on(self, tab: ChannelTab) -> bool:
        """Whether a job has this list, or the channel's feed, in hand."""
        return bool({f"tab:{tab.pk}", f"channel:{self.channel.pk}"} & set(self.items))

    def look_at(self, tab: ChannelTab) -> datetime | None:
        """When a list is looked at next, as far as its own row decides that."""
        if not (self.channel.is_active and tab.is_followed and tab.next_check_at):
            return None
        return max(tab.next_check_at, self.now)

    def looked_at_with(self, tab: ChannelTab) -> list[ChannelTab]:
        """The lists that are handed out when this one is: the dispatch looks each minute."""
        at = self.look_at(tab)
        others = [(other, self.look_at(other)) for other in self.tabs]
        return [other for other, its in others if at and its and timedelta(0) <= at - its < DISPATCH] or [tab]

    def looked_at_before(self, tab: ChannelTab) -> list[ChannelTab]:
        """The lists that are handed out before this one, the first first."""
        others = [(its, other) for other in self.tabs if (its := self.look_at(other))]
        at = self.look_at(tab)
        return [other for its, other in sorted(others, key=lambda pair: pair[0]) if at and at - its >= DISPATCH]


def _state(channel: Channel, now: datetime) -> list[str]:
    found = []
    if not channel.is_resolved:
        again = f"asked {moment(channel.resolve_at, now)}" if channel.resolve_at else "not asked again by itself"
        found.append(f"Who it is is not known yet; {again}.")
    if not channel.is_active:
        found.append("It is paused: nothing is looked at until an operator resumes it.")
    if channel.gone_proofs or channel.gone_at:
        found.append(gone(channel, now))
    if channel.error_message:
        found.append(f"Its last error ({channel.error_code}): {channel.error_message}")
    return found


def _explain_list(known: _Known, tab: ChannelTab) -> ListExplanation:
    at, next_look = known.look_at(tab), _next_look(known, tab)
    failed, broken = _failed(known, tab), _broken(known, tab)
    if at is None:
        return ListExplanation(tab.kind, None, next_look, "", [*failed, *broken], "")
    asks, reason = _asks(known, tab)
    decided = [*failed, *_usual(known, tab), *_otherwise(known, tab), *_with_another(known, tab), *broken]
    because = [*decided, f"It asks the {asks}: {reason}."]
    return ListExplanation(tab.kind, at, next_look, asks, because, _full_pass(known, tab))


def _next_look(known: _Known, tab: ChannelTab) -> str:
    at = known.look_at(tab)
    if known.is_worked_on(tab):
        return "now: a job has it in hand and sets the time after that"
    if not known.channel.is_active:
        return "not while the channel is paused"
    if not tab.is_followed:
        return "never: an operator has switched this list off"
    if at is None:
        return "never by itself"
    host = known.hosts.get(host_of(tab.url))
    if host and host.open_until and host.open_until > at:
        return f"{moment(host.open_until, known.now)}, when {host} is asked again"
    return "now: it is due, and handed to the workers within a minute" if at <= known.now else moment(at, known.now)


def _usual(known: _Known, tab: ChannelTab) -> list[str]:
    """What decides the time after a look that goes well."""
    begins = "After a look that goes well: " if tab.failures else ""
    decisive = factors(tab, known.now, known.bounds)
    found = []
    for factor in decisive:
        interval = words(factor.interval)
        told = factor.words if interval in factor.words else f"{factor.words}, so every {interval}"
        found.append(capital(f"{begins}{told}."))
    shortest, longest = (words(decisive[-1].interval * share) for share in (1 - JITTER, 1 + JITTER))
    return [
        *found,
        f"Give or take a tenth ({shortest} to {longest}), so that channels that were added together drift apart.",
    ]


def _failed(known: _Known, tab: ChannelTab) -> list[str]:
    if not tab.failures:
        return []
    often = "once" if tab.failures == 1 else f"{tab.failures} times in a row"
    last = f", last {moment(tab.last_checked_at, known.now)}" if tab.last_checked_at else ""
    found = [f"It failed {often}{last}: {tab.error_message or tab.error_code}"]
    if tab.error_code == "tab_missing":
        found.append("Its platform has no such list; it is asked again now and then, because it may have one some day.")
    waits = f" of {words(tab.next_check_at - tab.last_checked_at)}" if tab.next_check_at and tab.last_checked_at else ""
    most = words(LONGEST_BACK_OFF)
    found.append(f"Hence the wait{waits}: what such a failure is worth, doubled with each in a row, {most} at most.")
    return found


def _otherwise(known: _Known, tab: ChannelTab) -> list[str]:
    """That the row's time is another than the factors give: what changed since the last look counts from the next."""
    if tab.failures or not (tab.next_check_at and tab.last_checked_at) or known.is_worked_on(tab):
        return []
    waits = tab.next_check_at - tab.last_checked_at
    usual = factors(tab, tab.last_checked_at, known.bounds)[-1].interval
    if usual * (1 - JITTER) <= waits + timedelta(minutes=1) and waits - timedelta(minutes=1) <= usual * (1 + JITTER):
        return []
    return [
        f"But the time was set to {words(waits)} after the last look before this held, by an operator, or to spread "
        "lists that were late together: this counts from the next look on."
    ]


def _with_another(known: _Known, tab: ChannelTab) -> list[str]:
    """That a look at another list comes first, and sets this one's time as well."""
    for other in known.looked_at_before(tab):
        if _asks(known, other)[0] == "feed":
            at = moment(known.look_at(other) or known.now, known.now)
            return [f"But the feed is asked for {other.kind} before that, {at}. It tells of all lists, so this one's "
                    "time is set anew then."]  # fmt: skip
    return []


def _broken(known: _Known, tab: ChannelTab) -> list[str]:
    rows = [row for row in known.broken if row.source == _source(known.channel, tab)]
    if not rows:
        return []
    since = min(row.broken_at for row in rows if row.broken_at)
    fields = named([row.field.replace("_", " ") for row in rows])
    return [
        f"The layout of {rows[0].source} seems to have changed {moment(since, known.now)}: {fields} missing. Nothing "
        "is written until that is back, or an operator accepts the new layout (admin, Coverage)."
    ]


def _asks(known: _Known, tab: ChannelTab) -> tuple[str, str]:
    """What the next look asks, and why: the same decision as channels.follow.look_targets takes at that time."""
    channel, at = known.channel, known.look_at(tab) or known.now
    together = known.looked_at_with(tab)
    if not channel.feed_url:
        return "list", "no feed of the channel is known"
    if channel.feed_retry_at and channel.feed_retry_at > at:
        return "list", f"its feed failed and is left alone until {moment(channel.feed_retry_at, known.now)}"
    if failing := [other.kind for other in together if other.failures]:
        return "list", f"a look at {named(failing)} failed"
    if full := [other.kind for other in together if _is_full_pass_due(other, at)]:
        lists = f"the lists of {named(full)} are" if len(full) > 1 else f"the list of {full[0]} is"
        return "list", f"{lists} to be read to the end, which a feed cannot tell"
    return "feed", "one request tells for all lists whether there is anything new"


def _is_full_pass_due(tab: ChannelTab, at: datetime) -> bool:
    """What ChannelTab.is_full_pass_due will say at a time to come."""
    return tab.last_full_at is None or at - tab.last_full_at > timedelta(days=settings.SCRAPE_FULL_PASS_DAYS)


def _full_pass(known: _Known, tab: ChannelTab) -> str:
    if tab.last_full_at is None:
        return "with the next look: it never was"
    days = settings.SCRAPE_FULL_PASS_DAYS
    every = f"every {days} days, last on {tab.last_full_at:%Y-%m-%d}"
    if (at := known.look_at(tab)) and _is_full_pass_due(tab, at):
        return f"with the next look ({every})"
    return f"with the first look after {tab.last_full_at + timedelta(days=days):%Y-%m-%d} ({every})"


def _source(channel: Channel, tab: ChannelTab) -> str:
    return f"{channel.platform}/{tab.kind}"
