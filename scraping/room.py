"""How much each host can take, so that no more is handed out than it can be asked for soon."""

from collections import Counter
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.conf import settings

from channels.models import Channel
from nisam.jobs.models import JobItem
from scraping.door import host_of

# Work for so many minutes is in the workers' hands at a time; each minute's dispatch adds what is missing.
MINUTES_AHEAD = 2


class Room:
    """The room that is left at each host, counted in channels: those that unfinished jobs work on, and those let in."""

    def __init__(self) -> None:
        per_minute = settings.SCRAPE_REQUESTS_PER_MINUTE
        self._most = max(per_minute * MINUTES_AHEAD, settings.SCRAPE_BURST) if per_minute else None
        self._taken = Counter(host_of(url) for url in _in_hand()) if per_minute else Counter[str]()

    def let_in(self, rows: Iterable[tuple[UUID, UUID, str]]) -> Iterator[UUID]:
        """The keys of those rows (key, channel, its address) that there is room for; a channel's rows stay together.

        Who takes no more of them leaves the room to others.
        """
        known: dict[UUID, bool] = {}
        for key, channel_id, url in rows:
            if channel_id not in known:
                known[channel_id] = self._let_in(url)
            if known[channel_id]:
                yield key

    def _let_in(self, url: str) -> bool:
        host = host_of(url)
        if self._most is not None and self._taken[host] >= self._most:
            return False
        self._taken[host] += 1
        return True


def _in_hand() -> Iterable[str]:
    """The addresses of the channels that unfinished jobs work on; one statement."""
    of_jobs = JobItem.objects.active().filter(channel_id__isnull=False).values("channel_id")
    return Channel.objects.filter(pk__in=of_jobs).values_list("url", flat=True)
