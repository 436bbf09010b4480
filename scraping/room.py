"""How much each host can take, so that no more is handed out than it can be asked for soon."""

from collections import Counter
from collections.abc import Iterable

from django.conf import settings

from channels.models import Channel, ChannelTab
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

    def for_channels(self, channels: Iterable[Channel]) -> list[Channel]:
        """Those that there is room for."""
        return [channel for channel in channels if self._let_in(channel)]

    def for_tabs(self, tabs: Iterable[ChannelTab]) -> list[ChannelTab]:
        """The lists of channels that there is room for; the lists of one channel stay together."""
        let_in: dict[Channel, bool] = {}
        found = []
        for tab in tabs:
            if tab.channel not in let_in:
                let_in[tab.channel] = self._let_in(tab.channel)
            if let_in[tab.channel]:
                found.append(tab)
        return found

    def _let_in(self, channel: Channel) -> bool:
        host = host_of(channel.url)
        if self._most is not None and self._taken[host] >= self._most:
            return False
        self._taken[host] += 1
        return True


def _in_hand() -> Iterable[str]:
    """The addresses of the channels that unfinished jobs work on; one statement."""
    of_jobs = JobItem.objects.active().filter(channel_id__isnull=False).values("channel_id")
    return Channel.objects.filter(pk__in=of_jobs).values_list("url", flat=True)
