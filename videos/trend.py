"""Trending: how many views a video gained lately, not how many it has.

Each view counts half as much every two days. Instead of making all scores smaller as time goes by, later views are made
larger (forward decay: Cormode, Shkapenyuk, Srivastava and Xu, ICDE 2009): a view at time t adds 2 to the power of t in
half-lives, and what is stored is the base-2 logarithm of the sum. So a score never changes without a new view, the
order of two videos never changes by itself, and an index can hold it.
"""

import math
from datetime import UTC, datetime, timedelta

HALF_LIFE = timedelta(days=2)
# The views that a video has when it is first seen are lately gained ones only if it came out lately.
NEW_FOR = timedelta(days=7)
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


def half_lives(moment: datetime) -> float:
    """A time in half-lives since 2020."""
    return (moment - _BEGINNING) / HALF_LIFE


def first_trend(views: int | None, published_at: datetime | None, now: datetime) -> float:
    """The score of a video that is first seen: its views count as gained when it came out; 0 when that was long ago."""
    if not views or published_at is None or published_at < now - NEW_FOR:
        return 0.0
    return math.log2(views) + half_lives(min(published_at, now))


def risen_sql(trend: str, gained: str, moment: str) -> str:
    """SQL for a score after `gained` (> 0) more views at `moment` in half-lives; all three are SQL."""
    new = f"(ln({gained}) / {math.log(2)} + {moment})"
    apart = f"abs({trend} - {new})"
    # log2(2^a + 2^b) = a + log2(1 + 2^(b - a)) for a ≥ b: the powers themselves would not fit into a number.
    larger = f"CASE WHEN {trend} > {new} THEN {trend} ELSE {new} END"
    added = f"ln(1 + power(2.0, -(CASE WHEN {apart} < 60 THEN {apart} ELSE 60 END))) / {math.log(2)}"
    return f"({larger} + {added})"


def gained_sql(before: str, after: str, seconds: str) -> str:
    """SQL for the views of those gained between two looks, `seconds` apart, that count as gained lately."""
    share = f"CASE WHEN {seconds} > {HALF_LIFE.total_seconds()} THEN {HALF_LIFE.total_seconds()} / {seconds} ELSE 1 END"
    return f"(({after} - {before}) * ({share}))"
