"""The charts of a fleet, drawn from what its metrics say."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from nisam.lib.charts import Chart, Point, bar_chart

KILO = 1024


def charts(metrics: dict[str, Any], since: datetime, now: datetime) -> list[Chart]:
    """Changes per day, failures per day, arrivals at each version that was reached, and sizes."""
    days = [since.date() + timedelta(days=number) for number in range(1, (now.date() - since.date()).days + 1)]
    changes = {day["day"]: day for day in metrics["success"]}
    reached = sorted({row["version"] for row in metrics["versions"]})
    return [
        _per_day(days, "Databases changed", lambda day: changes.get(day, {}).get("changed", 0)),
        _per_day(days, "Changes that failed", lambda day: changes.get(day, {}).get("failed", 0)),
        *(_per_day(days, f"Came to version {version}", _arrivals(metrics, version)) for version in reached),
        _sizes(metrics["sizes"]),
    ]


def _arrivals(metrics: dict[str, Any], version: int) -> Callable[[date], int]:
    came = {row["day"]: row["databases"] for row in metrics["versions"] if row["version"] == version}
    return lambda day: came.get(day, 0)


def _per_day(days: Sequence[date], title: str, count: Callable[[date], int]) -> Chart:
    counts = [count(day) for day in days]
    points = [
        Point(f"{day:%b} {day.day}", number, f"{number:,}", f"{number:,}")
        for day, number in zip(days, counts, strict=True)
    ]
    return bar_chart(title, f"{sum(counts):,} in {len(days)} day{'s' if len(days) != 1 else ''}", points)


def _sizes(sizes: Sequence[dict[str, Any]]) -> Chart:
    points = [
        Point(_range(one), one["databases"], f"{one['databases']:,}", f"{one['databases']:,} databases")
        for one in sizes
    ]
    return bar_chart("Sizes", "databases by the bytes of their file", points)


def _range(one: dict[str, Any]) -> str:
    low, high = one["fromBytes"], one["toBytes"]
    if not low:
        return f"under {_bytes(high)}"
    return f"{_bytes(low)} to {_bytes(high)}" if high else f"{_bytes(low)} and more"


def _bytes(number: int) -> str:
    return f"{number // KILO} KB" if number < KILO**2 else f"{number // KILO**2} MB"
