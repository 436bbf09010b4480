"""When a list is looked at next: how often its channel publishes, within bounds, and what speaks against it."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from channels.models import ChannelTab, TabKind
from nisam.lib.errors import OperationError
from scraping.models import Schedule
from videos.models import KIND_OF_TAB, Video

JITTER = 0.1
# So many looks between two videos: one is found, at the latest, a quarter of the usual gap after it came out.
LOOKS_PER_GAP = 4
# Who has been silent for so many times the interval is looked at less often.
SILENCE_PER_LOOK = 20
LATEST = 20
LONGEST_BACK_OFF = timedelta(days=7)


@dataclass(frozen=True)
class Factor:
    """Something that decides when to look again, in words, and the interval it leads to."""

    words: str
    interval: timedelta


@dataclass(frozen=True)
class Bounds:
    """The interval of a list of which nothing is known, and those that no list goes below and above."""

    usual: timedelta
    shortest: timedelta
    longest: timedelta

    @classmethod
    def now(cls) -> "Bounds":
        """What an operator has set, else the settings; one statement."""
        return cls.of(Schedule.load())

    @classmethod
    def of(cls, row: Schedule) -> "Bounds":
        """The same, of the row that an operator's settings are in."""
        return cls(
            timedelta(minutes=row.usual_minutes or settings.SCRAPE_INTERVAL_MINUTES),
            timedelta(minutes=row.shortest_minutes or settings.SCRAPE_SHORTEST_INTERVAL_MINUTES),
            timedelta(minutes=row.longest_minutes or settings.SCRAPE_LONGEST_INTERVAL_MINUTES),
        )


def factors(tab: ChannelTab, now: datetime, bounds: Bounds) -> list[Factor]:
    """What decides how long to wait after a look that went well, in order; the last one's interval counts.

    Uses what the row of the tab knows, and its channel; asks the database nothing.
    """
    if tab.channel.interval_minutes:
        own = timedelta(minutes=tab.channel.interval_minutes)
        return [Factor(f"an operator has set {words(own)} for this channel", own)]
    found = [_rhythm(tab, bounds.usual)]
    if tab.newest_at and (silence := (now - tab.newest_at) / SILENCE_PER_LOOK) > found[-1].interval:
        found.append(Factor(f"its newest video is {words(now - tab.newest_at)} old, so there is no hurry", silence))
    if found[-1].interval < bounds.shortest:
        found.append(Factor(f"no list is looked at more often than every {words(bounds.shortest)}", bounds.shortest))
    if found[-1].interval > bounds.longest:
        found.append(Factor(f"every list is looked at, at the latest, after {words(bounds.longest)}", bounds.longest))
    return found


def _rhythm(tab: ChannelTab, usual: timedelta) -> Factor:
    if tab.publishes_every_minutes is None:
        return Factor(f"nothing is known of its rhythm, so it gets the usual {words(usual)}", usual)
    gap = timedelta(minutes=tab.publishes_every_minutes)
    return Factor(f"it publishes about every {words(gap)} and is looked at {LOOKS_PER_GAP} times", gap / LOOKS_PER_GAP)


def next_check(tab: ChannelTab, bounds: Bounds | None = None) -> datetime:
    """After a success: the interval from now, give or take a tenth, so that channels added together drift apart.

    A list that was looked at an interval too late, or never, is one of many that were: they are spread evenly over a
    whole interval around that time, and less widely the less late they were. `bounds`, if they are read already.
    """
    now = timezone.now()
    interval = factors(tab, now, bounds or Bounds.now())[-1].interval
    late = (now - tab.last_checked_at) / interval - 1 if tab.last_checked_at else 1.0
    return now + _jittered(interval, max(JITTER, min(late, 1.0) / 2))


def next_check_after(error: OperationError, failures: int = 0) -> datetime:
    """After a failure: what its class says is worth it, longer with each in a row. Nothing is given up for ever."""
    wait = min(error.retry_after * 2 ** min(failures, 10), max(LONGEST_BACK_OFF, error.retry_after))
    return timezone.now() + _jittered(wait)


def learn(tab: ChannelTab, dates: list[datetime]) -> None:
    """Set what is known of a tab's rhythm from its latest videos' dates, newest first; the row is not saved here."""
    if dates:
        tab.newest_at = dates[0]
    # The mean, because approximate dates come in heaps ("3 weeks ago") between which there are no gaps at all.
    span = dates[0] - dates[-1] if len(dates) > 2 else timedelta(0)  # noqa: PLR2004 - two videos are no rhythm
    tab.publishes_every_minutes = round(span.total_seconds() / 60 / (len(dates) - 1)) or None if span else None


def learn_from_catalogue(tab: ChannelTab) -> None:
    """The same from the videos that are there now; one statement."""
    learn(tab, Video.objects.latest_dates(tab.channel, KIND_OF_TAB[TabKind(tab.kind)], LATEST))


def words(span: timedelta) -> str:
    """A span of time as people say it: 45 minutes, 6 hours, 3 days."""
    minutes = max(round(span.total_seconds() / 60), 1)
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {unit}s"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def _jittered(wait: timedelta, share: float = JITTER) -> timedelta:
    return wait * random.uniform(1 - share, 1 + share)  # noqa: S311 - spreads load, guards no secret
