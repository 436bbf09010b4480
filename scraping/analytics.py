"""What jobs came to, in all and per day, from the rows of jobs that are kept; and how often hosts were asked."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from channels.models import Channel, ChannelTab
from nisam.jobs.models import Job, JobItem, Status
from scraping.models import Host, HostDay

_COUNTED = ("found", "added", "updated", "skipped", "requests", "bytes_received")
_SUMS: dict[str, Any] = {f"sum_{name}": Coalesce(Sum(name), 0) for name in _COUNTED}


def totals(now: datetime) -> dict[str, Any]:
    """What there is and what the jobs that are kept came to; three statements."""
    rows: Iterable[Any] = Job.objects.order_by().values("status").annotate(jobs=Count("pk"), **_SUMS)
    by_status = {row["status"]: row for row in rows}
    channels = Channel.objects.aggregate(
        total=Count("pk"),
        followed=Count("pk", filter=Q(is_active=True)),
        failing=Count("pk", filter=Q(is_active=True) & ~Q(error_code="")),
    )
    return {
        "jobs": {status: by_status.get(status, {"jobs": 0})["jobs"] for status in Status.values},
        "channels": {**channels, "overdue": ChannelTab.objects.overdue_channels(now)},
        **{name: sum(row[f"sum_{name}"] for row in by_status.values()) for name in _COUNTED},
    }


def days(now: datetime, number: int) -> list[dict[str, Any]]:
    """The last `number` days (UTC), today last, with what their jobs came to; two statements.

    A job counts on the day it was asked for, an error on the day it ended an item.
    """
    first = now.date() - timedelta(days=number - 1)
    since = datetime.combine(first, time(), UTC)
    jobs = _jobs_by_day(since)
    errors = _errors_by_day(since)
    found = [first + timedelta(days=place) for place in range(number)]
    return [{"date": day, **jobs.get(day, _NOTHING), "errors": errors[day]} for day in found]


_NOTHING: dict[str, Any] = {
    "jobs": 0, "failed": 0, "mean": None, "longest": None, **{f"sum_{name}": 0 for name in _COUNTED},
}  # fmt: skip


def _jobs_by_day(since: datetime) -> dict[date, dict[str, Any]]:
    took = F("completed_at") - F("started_at")
    rows: Iterable[Any] = (
        Job.objects.filter(created_at__gte=since)
        .order_by()
        .values(day=TruncDate("created_at", tzinfo=UTC))
        .annotate(
            jobs=Count("pk"),
            failed=Count("pk", filter=Q(status=Status.FAILED)),
            mean=Avg(took),
            longest=Max(took),
            **_SUMS,
        )
    )
    return {row["day"]: row for row in rows}


def failed_items(since: datetime) -> QuerySet[JobItem]:
    """The items that failed since then, in no order."""
    return JobItem.objects.filter(status=Status.FAILED, completed_at__gte=since).order_by()


def _errors_by_day(since: datetime) -> defaultdict[date, dict[str, int]]:
    found: defaultdict[date, dict[str, int]] = defaultdict(dict)
    rows = (
        failed_items(since).values("error_code", day=TruncDate("completed_at", tzinfo=UTC)).annotate(times=Count("pk"))
    )
    for row in rows.order_by("error_code"):
        found[row["day"]][row["error_code"]] = row["times"]
    return found


def hosts(now: datetime, number: int) -> list[dict[str, Any]]:
    """Every host, with its requests on each of the last `number` days that it was asked; two statements."""
    first = now.date() - timedelta(days=number - 1)
    asked: dict[str, dict[date, int]] = defaultdict(dict)
    for host, day, requests in HostDay.objects.filter(day__gte=first).values_list("host", "day", "requests"):
        asked[host][day] = requests
    found = list(Host.objects.order_by("name"))
    for row in found:
        if row.asked_day and row.asked_day >= first:
            asked[row.name][row.asked_day] = row.asked_count
    per_minute = settings.SCRAPE_REQUESTS_PER_MINUTE or None
    return [
        {
            "host": host.name,
            "state": host.state(now),
            "open_until": host.open_until,
            "failures": host.failures,
            "error_code": host.error_code,
            "today": asked[host.name].get(now.date(), 0),
            "days": asked[host.name],
            "per_minute": per_minute,
            "per_day": per_minute and per_minute * 24 * 60,
            "details_today": host.details_count if host.details_day == now.date() else 0,
            "details_per_day": settings.DETAILS_PER_DAY,
        }
        for host in found
    ]
