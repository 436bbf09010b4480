"""What the fleets' rows and histories say about a period: sizes, changes, versions, durations, who fails most."""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from dbadmin.models import DatabaseChange, DatabaseChangeQuerySet, DatabaseRecord, Outcome

PERIODS = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
# Bytes; each step is four times the one before.
BOUNDS = tuple(16 * 1024 * 4**power for power in range(6))
MOST_FAILING, MOST_DURATIONS = 10, 10_000


def metrics_of(fleet: str, since: datetime) -> dict[str, Any]:
    """All of it, of the changes that ended since then; five statements."""
    changes = DatabaseChange.objects.filter(record__fleet=fleet, finished_at__gte=since, is_dry_run=False).order_by()
    made = changes.filter(outcome__in=(Outcome.CHANGED, Outcome.FAILED))
    return {
        "sizes": _sizes(fleet),
        "success": _success(made),
        "versions": _versions(made),
        "durations": _durations(made),
        "mostFailing": _most_failing(made),
    }


def _sizes(fleet: str) -> list[dict[str, int | None]]:
    edges: list[int | None] = [0, *BOUNDS, None]
    buckets = list(pairwise(edges))
    counts = {
        f"bucket_{place}": Count("id", filter=Q(size__gte=low) & (Q(size__lt=high) if high else Q()))
        for place, (low, high) in enumerate(buckets)
    }
    found = DatabaseRecord.objects.of(fleet).present().aggregate(**counts)
    return [
        {"fromBytes": low, "toBytes": high, "databases": found[f"bucket_{place}"]}
        for place, (low, high) in enumerate(buckets)
    ]


def _success(made: DatabaseChangeQuerySet) -> list[dict[str, Any]]:
    days: dict[Any, dict[str, int]] = defaultdict(lambda: {"changed": 0, "failed": 0})
    counted = made.annotate(day=TruncDate("finished_at")).values("day", "outcome").annotate(number=Count("id"))
    for row in counted:
        days[row["day"]][row["outcome"]] = row["number"]
    return [
        {"day": day, **counts, "rate": round(counts["changed"] / sum(counts.values()), 4)}
        for day, counts in sorted(days.items())
    ]


def _versions(made: DatabaseChangeQuerySet) -> list[dict[str, Any]]:
    """How many databases came to which version on which day."""
    came = made.filter(outcome=Outcome.CHANGED, to_version__isnull=False)
    counted = came.annotate(day=TruncDate("finished_at")).values("day", "to_version").annotate(number=Count("id"))
    rows = sorted(counted, key=lambda row: (row["day"], row["to_version"]))
    return [{"day": row["day"], "version": row["to_version"], "databases": row["number"]} for row in rows]


def _durations(made: DatabaseChangeQuerySet) -> dict[str, int | None]:
    """Of the latest changes."""
    timed = made.filter(seconds__isnull=False).order_by("-finished_at")
    latest = timed.values_list("seconds", flat=True)[:MOST_DURATIONS]
    seconds = sorted(one for one in latest if one is not None)
    return {"p50Ms": _quantile(seconds, 0.5), "p95Ms": _quantile(seconds, 0.95), "maxMs": _quantile(seconds, 1)}


def _quantile(in_order: Sequence[float], part: float) -> int | None:
    return int(1000 * in_order[math.ceil(part * len(in_order)) - 1]) if in_order else None


def _most_failing(made: DatabaseChangeQuerySet) -> list[dict[str, Any]]:
    failed = made.failed().values("record__database_id").annotate(number=Count("id"))
    worst = failed.order_by("-number", "record__database_id")[:MOST_FAILING]
    return [{"databaseId": row["record__database_id"], "failures": row["number"]} for row in worst]
