"""Which of a channel's entries an operator wants."""

import re
from collections.abc import Iterable

from channels.models import Channel
from videos.ingest import Entry


def selected(channel: Channel, entries: Iterable[Entry]) -> list[Entry]:
    """The entries that a channel's title pattern and durations let in; what an entry does not say excludes nothing."""
    pattern = re.compile(channel.title_pattern, re.IGNORECASE) if channel.title_pattern else None
    shortest, longest = channel.shortest_seconds or 0, channel.longest_seconds
    return [
        entry
        for entry in entries
        if (pattern is None or not entry.title or pattern.search(entry.title))
        and (entry.duration_seconds is None or entry.duration_seconds >= shortest)
        and (entry.duration_seconds is None or longest is None or entry.duration_seconds <= longest)
    ]
