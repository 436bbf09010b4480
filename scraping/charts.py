"""The dashboard's charts, drawn from what the analytics say of each day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nisam.lib.charts import Chart, Point, bar_chart
from nisam.lib.durations import duration_words
from scraping.analytics import days

DAYS = 30


@dataclass(frozen=True)
class ErrorCount:
    """How many targets failed of one class of error."""

    code: str
    count: int


@dataclass(frozen=True)
class Charts:
    """The charts of the last `days` days."""

    days: int
    bars: Sequence[Chart]
    errors: Sequence[ErrorCount]

    @property
    def most_errors(self) -> int:
        """The length of the longest bar of errors."""
        return max((error.count for error in self.errors), default=1)


def charts(now: datetime) -> Charts:
    """Videos added and how long jobs took per day, and errors by class; two statements."""
    found = days(now, DAYS)
    errors = sum((Counter(day["errors"]) for day in found), Counter[str]())
    ranked = [ErrorCount(code or "unknown", count) for code, count in errors.most_common()]
    return Charts(DAYS, [_added(found), _durations(found)], ranked)


def _added(found: Sequence[dict[str, Any]]) -> Chart:
    total = sum(day["sum_added"] for day in found)
    told = [f"{day['sum_added']:,} videos" for day in found]
    points = [Point(_label(day), day["sum_added"], words, words) for day, words in zip(found, told, strict=True)]
    return bar_chart("Videos added", f"{total:,} in {DAYS} days", points)


def _durations(found: Sequence[dict[str, Any]]) -> Chart:
    jobs = sum(day["jobs"] for day in found)
    points = [Point(_label(day), _seconds(day["mean"]), duration_words(day["mean"]), _told(day)) for day in found]
    return bar_chart("How long jobs took", f"the mean of each day; {jobs:,} jobs", points)


def _label(day: dict[str, Any]) -> str:
    return f"{day['date']:%b} {day['date'].day}"


def _seconds(span: Any) -> float:
    return float(span.total_seconds()) if span else 0.0


def _told(day: dict[str, Any]) -> str:
    if not day["mean"]:
        return "no job"
    jobs = f"{day['jobs']} job{'s' if day['jobs'] != 1 else ''}"
    return (
        f"{duration_words(day['mean'])} (the longest {duration_words(day['longest'])}; {jobs}, {day['failed']} failed)"
    )
