"""Which channel publishes how much, and in which order videos come to be known."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

MOST_OF_A_CHANNEL = 20_000
YEARS = timedelta(days=3652)


class Moment(NamedTuple):
    """One video: the place of its channel, when it came out, when it was found."""

    channel: int
    published_at: datetime
    created_at: datetime


def sizes(random: Random, channels: int, videos: int) -> list[int]:
    """How many of the videos each channel has: log-normal, at least one, together exactly `videos`.

    Raises ValueError when that cannot be.
    """
    if not channels <= videos <= channels * MOST_OF_A_CHANNEL:
        raise ValueError(f"{channels:,} channels have from {channels:,} to {channels * MOST_OF_A_CHANNEL:,} videos.")
    weights = [random.lognormvariate(0, 1.5) for _ in range(channels)]
    share = videos / sum(weights)
    found = [min(max(round(weight * share), 1), MOST_OF_A_CHANNEL) for weight in weights]
    missing = videos - sum(found)
    while missing:
        place = random.randrange(channels)
        step = 1 if missing > 0 else -1
        if 1 <= found[place] + step <= MOST_OF_A_CHANNEL:
            found[place] += step
            missing -= step
    return found


def timeline(
    random: Random, followed: Sequence[datetime], of_channel: Sequence[int], until: datetime
) -> Iterator[Moment]:
    """The videos in the order in which they are found: a channel's backlog when it is followed, the later ones soon.

    They came out in the ten years before `until`, lately more than early. Holds some thirty bytes of each video.
    """
    beginning = until - YEARS
    span = YEARS.total_seconds()
    follow_seconds = [(moment - beginning).total_seconds() for moment in followed]
    channel_of, published, created = array("L"), array("d"), array("d")
    for channel, number in enumerate(of_channel):
        for _ in range(number):
            out = span * (1 - random.random() ** 1.5)
            channel_of.append(channel)
            published.append(out)
            created.append(min(max(out, follow_seconds[channel]) + random.expovariate(1 / 1800), span))
    order = array("L", sorted(range(len(created)), key=created.__getitem__))
    for place in order:
        yield Moment(
            channel_of[place],
            beginning + timedelta(seconds=int(published[place])),
            beginning + timedelta(seconds=created[place]),
        )
