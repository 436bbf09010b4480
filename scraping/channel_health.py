"""How the channels are as a whole, and those that somebody should look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from channels.models import Channel, ChannelTab

# What is due is handed out within a minute; later than that much, nobody hands it out.
OVERDUE = timedelta(minutes=5)
MOST = 10


@dataclass(frozen=True)
class ChannelHealth:
    """Numbers of channels, and the worst of those that are overdue and that fail, `MOST` of each."""

    channels: int
    paused: int
    unresolved: int
    gone: int
    failing_lists: int
    overdue_lists: int
    overdue: Sequence[ChannelTab]
    failing: Sequence[ChannelTab]
    broken: Sequence[Channel]


def channel_health(now: datetime) -> ChannelHealth:
    """How the channels are at `now`; five statements, however many there are."""
    counts = Channel.objects.aggregate(
        channels=Count("pk"),
        paused=Count("pk", filter=Q(is_active=False)),
        unresolved=Count("pk", filter=Q(external_id=None)),
        gone=Count("pk", filter=Q(gone_at__isnull=False)),
    )
    overdue = ChannelTab.objects.due(now - OVERDUE).select_related("channel")
    failing = _failing().select_related("channel")
    lists = ChannelTab.objects.filter(channel__is_active=True, is_followed=True).aggregate(
        overdue_lists=Count("pk", filter=Q(next_check_at__lte=now - OVERDUE)),
        failing_lists=Count("pk", filter=Q(failures__gt=0) & ~Q(error_code="tab_missing")),
    )
    broken = Channel.objects.filter(is_active=True, external_id=None).exclude(error_message="")
    return ChannelHealth(
        **counts,
        **lists,
        overdue=list(overdue[:MOST]),
        failing=list(failing.order_by("-failures", "pk")[:MOST]),
        broken=list(broken.order_by("name", "pk")[:MOST]),
    )


def _failing() -> QuerySet[ChannelTab]:
    read = ChannelTab.objects.followed()
    return read.filter(channel__is_active=True, failures__gt=0)
