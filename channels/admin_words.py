"""A channel's state as the admin says it."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil

from channels.models import Channel


def when(moment: datetime) -> SafeString:
    """How long ago, or in how long; the exact time is its tooltip."""
    past = moment <= timezone.now()
    words = f"{timesince(moment, depth=1)} ago" if past else f"in {timeuntil(moment, depth=1)}"
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', moment.isoformat(timespec="seconds"), words)


def span(minutes: int) -> str:
    """A number of minutes as people say it."""
    now = timezone.now()
    return timesince(now - timedelta(minutes=minutes), now, depth=1)


def health(channel: Channel) -> SafeString:
    """How a channel is, the worst first. Asks nothing of the database when its tabs are prefetched."""
    for state, mark, words in _states(channel):
        if state:
            return format_html('<span class="health-{}">{}</span>{}', mark, words, _said(channel, mark))
    unread = [tab.kind for tab in channel.tabs.all() if not tab.is_followed]
    beside = format_html(' <span class="health-wait">({} not followed)</span>', ", ".join(unread)) if unread else ""
    return format_html('<span class="health-good">well</span>{}', beside)


def _states(channel: Channel) -> list[tuple[bool, str, str]]:
    tabs, proofs = channel.tabs.all(), len(channel.gone_proofs)
    since = f"gone since {channel.gone_at:%Y-%m-%d}" if channel.gone_at else ""
    seems = f"seems gone ({proofs} proof{'s' if proofs != 1 else ''})"
    return [
        (bool(since), "bad", since),
        (proofs > 0, "bad", seems),
        (bool(channel.error_message), "bad", "failing"),
        (not channel.is_resolved, "wait", "being looked up"),
        (not channel.is_active, "wait", "paused"),
        (bool(tabs) and not any(tab.is_followed for tab in tabs), "wait", "unfollowed: none of its lists is read"),
    ]


def _said(channel: Channel, mark: str) -> str:
    return f": {channel.error_message}" if mark == "bad" and channel.error_message else ""
