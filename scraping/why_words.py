"""The sentences of why.py about channels, hosts and jobs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from channels.models import Channel
from nisam.jobs.models import JobItem, Status
from scraping.gone import GONE_AFTER
from scraping.models import Host
from scraping.rhythm import words


def capital(sentence: str) -> str:
    """A sentence with a capital at its beginning."""
    return sentence[:1].upper() + sentence[1:]


def named(names: Sequence[str]) -> str:
    """Names as people list them: a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def moment(at: datetime, now: datetime) -> str:
    """A time as it is told: how far away it is, and exactly."""
    exact = f"{at:%Y-%m-%d %H:%M} UTC"
    return f"in {words(at - now)} ({exact})" if at > now else f"{words(now - at)} ago ({exact})"


def gone(channel: Channel, now: datetime) -> str:
    """How sure it is that a channel is gone."""
    if channel.gone_at:
        return f"It counts as gone since {channel.gone_at:%Y-%m-%d}. Its videos stay, and it is asked for now and then."
    proofs = channel.gone_proofs
    first = f"{'' if len(proofs) == 1 else 'first '}{moment(datetime.fromisoformat(proofs[0]['at']), now)}"
    ways = named(sorted({proof["way"] for proof in proofs}))
    often = "once" if len(proofs) == 1 else f"{len(proofs)} times"
    return (
        f"Its platform said {often} that it is gone, {first}, asked for its {ways}. "
        f"It counts as gone when both ways say so for {words(GONE_AFTER)}."
    )


def host_state(name: str, host: Host | None, now: datetime) -> str:
    """How a host is, and how fast it is asked."""
    per_minute, burst = settings.SCRAPE_REQUESTS_PER_MINUTE, settings.SCRAPE_BURST
    pace = f"asked {per_minute} times a minute at most, {burst} at once" if per_minute else "asked as fast as it goes"
    return f"{name} is {_breaker(host, now)}; {pace}{_queue(host, now)}."


def _breaker(host: Host | None, now: datetime) -> str:
    if host is None:
        return "not asked yet"
    if host.open_until is None:
        failed = "once" if host.failures == 1 else f"{host.failures} times in a row"
        return f"well, though it failed {failed}: {host.error_message.rstrip('.')}" if host.failures else "well"
    why = f": {host.error_message.rstrip('.')}" if host.error_message else ""
    if host.open_until > now:
        return f"left alone, asked again {moment(host.open_until, now)}{why}"
    if host.probe_until and host.probe_until > now:
        return f"being probed by one request{why}"
    return f"to be probed by the next request{why}"


def _queue(host: Host | None, now: datetime) -> str:
    if host is None or host.next_free_at is None or not settings.SCRAPE_REQUESTS_PER_MINUTE:
        return ""
    interval = timedelta(minutes=1) / settings.SCRAPE_REQUESTS_PER_MINUTE
    wait = host.next_free_at - interval * (settings.SCRAPE_BURST - 1) - now
    return f"; the next request waits {wait.total_seconds():.0f} s for its turn" if wait > timedelta(0) else ""


def working(item: JobItem, now: datetime) -> str:
    """What a job does with an item, or what it waits for."""
    by = f" (asked for by {item.job.requested_by})"
    if item.job.cancel_requested_at:
        return f"{item.target_name} is about to stop{by}."
    if item.status == Status.RUNNING:
        since = f" since {item.started_at:%H:%M} UTC" if item.started_at else ""
        return f"{item.target_name} is being read{since} by {item.worker}{by}."
    if item.available_at > now:
        why = item.error_message.rstrip(".") or "its turn has not come"
        return f"{item.target_name} goes on {moment(item.available_at, now)}{by}: {why}."
    return f"{item.target_name} waits for a free worker{by}."
