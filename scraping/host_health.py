"""How the hosts are that are asked: their breakers, and how much of their budgets was spent today."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F

from scraping.models import Host, HostDay

MOST = 20
MINUTES_A_DAY = 24 * 60
# The states of Host.state, as people say them.
STATES = {"well": "well", "resting": "resting", "probed": "being probed", "probe_due": "to be probed"}


@dataclass(frozen=True)
class HostHealth:
    """A host at a moment, and what was asked of it today; `requests_budget` is None where nothing limits the pace."""

    name: str
    state: str
    open_until: datetime | None
    failures: int
    error_message: str
    requests: int
    requests_budget: int | None
    details: int
    details_budget: int

    @property
    def words(self) -> str:
        """The state as people say it."""
        return STATES[self.state]


def host_health(now: datetime) -> list[HostHealth]:
    """The hosts at `now`, those that rest first, then the ones asked last; `MOST` at most, two statements."""
    asked_last = F("next_free_at").desc(nulls_last=True)
    hosts = Host.objects.order_by(F("open_until").desc(nulls_last=True), asked_last, "pk")[:MOST]
    asked = dict(HostDay.objects.filter(day=now.date()).values_list("host", "requests"))
    return [_health(host, asked.get(host.name, 0), now) for host in hosts]


def _health(host: Host, requests: int, now: datetime) -> HostHealth:
    return HostHealth(
        name=host.name,
        state=host.state(now),
        open_until=host.open_until if host.open_until and host.open_until > now else None,
        failures=host.failures,
        error_message=host.error_message,
        requests=requests,
        requests_budget=settings.SCRAPE_REQUESTS_PER_MINUTE * MINUTES_A_DAY or None,
        details=host.details_count if host.details_day == now.date() else 0,
        details_budget=settings.DETAILS_PER_DAY,
    )
