"""How the channels are as a whole, and those that somebody should look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from channels.models import Channel, ChannelTab
from channels.models.tab import OVERDUE_AFTER

MOST = 10


@dataclass(frozen=True)
class ChannelHealth:
    """Numbers of channels, and the worst of those that are overdue and that fail, `MOST` of each."""

    channels: int
    paused: int
    unresolved: int
    overdue_unresolved: int
    gone: int
    failing_lists: int
    overdue_lists: int
    overdue: Sequence[ChannelTab]
    failing: Sequence[ChannelTab]
    broken: Sequence[Channel]


def channel_health(now: datetime) -> ChannelHealth:
    """How the channels are at `now`; six statements, however many there are."""
    counts = Channel.objects.aggregate(
        channels=Count("pk"),
        paused=Count("pk", filter=Q(is_active=False)),
        unresolved=Count("pk", filter=Q(external_id=None)),
        overdue_unresolved=Count("pk", filter=Q(is_active=True, resolve_at__lte=now - OVERDUE_AFTER)),
        gone=Count("pk", filter=Q(gone_at__isnull=False)),
    )
    overdue = ChannelTab.objects.overdue(now)
    failing = ChannelTab.objects.followed().filter(channel__is_active=True, failures__gt=0)
    broken = Channel.objects.filter(is_active=True, external_id=None).exclude(error_message="")
    return ChannelHealth(
        **counts,
        failing_lists=failing.count(),
        overdue_lists=overdue.count(),
        overdue=list(overdue.select_related("channel")[:MOST]),
        failing=list(failing.select_related("channel").order_by("-failures", "pk")[:MOST]),
        broken=list(broken.order_by("name", "pk")[:MOST]),
    )
