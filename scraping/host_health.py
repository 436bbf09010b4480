"""How the hosts are that are asked: their breakers, and how much of what is polite was asked of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import F

from scraping.models import Host

MOST = 20


class Breaker(StrEnum):
    """The states of a host's circuit breaker, as people say them."""

    CLOSED = "well"
    OPEN = "resting"
    HALF_OPEN = "to be probed"
    PROBING = "being probed"


@dataclass(frozen=True)
class HostHealth:
    """A host at a moment. `used` of `burst` requests are spent; `details` of `details_budget` pages were read today."""

    name: str
    breaker: Breaker
    open_until: datetime | None
    failures: int
    error_message: str
    error_at: datetime | None
    used: int
    burst: int
    details: int
    details_budget: int


def host_health(now: datetime) -> list[HostHealth]:
    """The hosts at `now`, those that rest first, then the ones asked last; `MOST` at most, one statement."""
    hosts = Host.objects.order_by(F("open_until").desc(nulls_last=True), F("next_free_at").desc(nulls_last=True), "pk")
    return [_health(host, now) for host in hosts[:MOST]]


def _health(host: Host, now: datetime) -> HostHealth:
    return HostHealth(
        name=host.name,
        breaker=_breaker(host, now),
        open_until=host.open_until if host.open_until and host.open_until > now else None,
        failures=host.failures,
        error_message=host.error_message,
        error_at=host.error_at,
        used=_used(host, now),
        burst=settings.SCRAPE_BURST,
        details=host.details_count if host.details_day == now.date() else 0,
        details_budget=settings.DETAILS_PER_DAY,
    )


def _breaker(host: Host, now: datetime) -> Breaker:
    if host.open_until is None:
        return Breaker.CLOSED
    if host.open_until > now:
        return Breaker.OPEN
    return Breaker.PROBING if host.probe_until and host.probe_until > now else Breaker.HALF_OPEN


def _used(host: Host, now: datetime) -> int:
    """Requests of the burst that are not earned back yet (see Host.admit)."""
    if host.next_free_at is None or not settings.SCRAPE_REQUESTS_PER_MINUTE:
        return 0
    interval = timedelta(minutes=1) / settings.SCRAPE_REQUESTS_PER_MINUTE
    return max(min(-(-(host.next_free_at - now) // interval), settings.SCRAPE_BURST), 0)
