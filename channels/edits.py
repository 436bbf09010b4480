"""What operators set against the platform: fields that stay as edited, and filters that must make sense."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from channels.models import Channel


def keep_upstream(upstream: dict[str, Any], field: str, before: Any, after: Any) -> None:
    """Note in `upstream` that an operator sets a field from `before` to `after`: it is locked from now on.

    What the platform says stays there until it says something else; setting just that unlocks the field again.
    """
    if upstream.setdefault(field, before) == after:
        del upstream[field]


def refused(channel: "Channel") -> dict[str, str]:
    """Which of a channel's settings cannot work, and why in words, by the names of the fields."""
    wrong = {}
    try:
        re.compile(channel.title_pattern)
    except (re.error, OverflowError, RecursionError) as error:
        wrong["title_pattern"] = f"This is no regular expression: {error}."
    shortest, longest = channel.shortest_seconds, channel.longest_seconds
    if shortest is not None and longest is not None and shortest > longest:
        wrong["longest_seconds"] = f"No video is {shortest} seconds or longer and {longest} seconds or shorter."
    if channel.interval_minutes == 0:
        wrong["interval_minutes"] = "An interval is at least one minute; leave it empty for the channel's own rhythm."
    return wrong
