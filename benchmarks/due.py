"""Choosing what is due, each minute, among thousands of channels.

The floor reads as many tabs by their primary keys: what it takes to carry the rows, with nothing to choose.
"""

import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from benchmarks.measure import interleave, show, verdict
from benchmarks.setting import settle
from channels.models import Channel, ChannelTab, TabKind
from scraping.schedule import BATCH, dispatch_due

TABS = 20_000
# A channel has at most one list of each kind, so 20,000 lists are those of 6,667 channels.
CHANNELS = -(-TABS // len(TabKind))
ROUNDS = 21
DISPATCHES = 5
INDEX = "channeltab_due"
TABLE = ChannelTab._meta.db_table  # noqa: SLF001 - Django's documented Meta API


def run() -> bool:
    """One in a hundred due, all due, and all due behind paused channels; True when the index serves each."""
    _make_tabs()
    passed = True
    cases: dict[str, Callable[[int], bool]] = {
        "1 % due": lambda place: place % 100 == 0,
        "100 % due": lambda place: True,  # noqa: ARG005
    }
    for case, is_due in cases.items():
        passed &= _measure(case, _set_due(is_due))
    _measure_dispatch()
    # Nobody puts off the lists of a paused channel: they stay at the head of the index, passed over each time.
    Channel.objects.filter(pk__in=Channel.objects.order_by("pk").values("pk")[: CHANNELS // 10]).update(is_active=False)
    now = _set_due(lambda place: place % 100 == 0)
    ChannelTab.objects.filter(channel__is_active=False).update(next_check_at=now - timedelta(days=30))
    settle()
    return _measure("1 % due, 10 % paused", now) and passed


def _make_tabs() -> None:
    channels = [
        Channel(name=f"Channel {place}", slug=f"channel-{place}", platform="youtube", external_id=f"UC{place:022}")
        for place in range(CHANNELS)
    ]
    Channel.objects.bulk_create(channels, batch_size=1000)
    pairs = [(channel, kind) for channel in channels for kind in TabKind][:TABS]
    tabs = (ChannelTab(channel=channel, kind=kind, url=f"https://www.youtube.com/{kind}") for channel, kind in pairs)
    ChannelTab.objects.bulk_create(tabs, batch_size=1000)


def _set_due(is_due: Callable[[int], bool]) -> datetime:
    """Give every tab its time, spread over an hour before or after the moment that is returned."""
    now = timezone.now()
    tabs = list(ChannelTab.objects.all())
    for place, tab in enumerate(tabs):
        minutes = place % 60 + 1
        tab.next_check_at = now + timedelta(minutes=-minutes if is_due(place) else minutes)
    ChannelTab.objects.bulk_update(tabs, ["next_check_at"], batch_size=1000)
    settle()
    return now


def _measure(case: str, now: datetime) -> bool:
    due = ChannelTab.objects.due(now)[:BATCH]
    keys: list[uuid.UUID] = [tab.pk for tab in due]
    by_key = ChannelTab.objects.filter(pk__in=keys)
    works = {f"{len(keys)} by primary key": lambda: _read(by_key), case: lambda: _read(due)}
    print(f"{case}: {len(keys)} of {TABS:,} tabs of {CHANNELS:,} channels")
    show(interleave(works, rounds=ROUNDS, items=len(keys)), floor=next(iter(works)), unit="tabs")
    plan, indexed = _plan(due)
    print("\n".join(f"   | {line}" for line in plan))
    return verdict(f"{case}: one query, through {INDEX}, without a sequential scan of the tabs", indexed)


def _measure_dispatch() -> None:
    """All are due still: what the whole minute's work takes for one job's worth of them, their putting off included."""
    seconds = [_dispatch() for _ in range(DISPATCHES)]
    print(f"dispatch of {BATCH}: {1000 * statistics.median(seconds):,.0f} ms (median of {DISPATCHES})")


def _dispatch() -> float:
    began = time.perf_counter()
    job = dispatch_due()
    assert job
    assert job.total_items == BATCH
    return time.perf_counter() - began


def _read(tabs: "QuerySet[ChannelTab]") -> float:
    began = time.perf_counter()
    list(tabs.all())
    return time.perf_counter() - began


def _plan(tabs: "QuerySet[ChannelTab]") -> tuple[list[str], bool]:
    """The database's plan in its own words, and whether the index is what finds the tabs."""
    if connection.vendor != "postgresql":
        lines = tabs.explain().splitlines()
        return lines, any(INDEX in line for line in lines) and not any(f"SCAN {TABLE}" == line for line in lines)
    root = json.loads(tabs.explain(format="json"))[0]["Plan"]
    on_tabs = [node for node in _nodes(root) if node.get("Relation Name") == TABLE or node.get("Index Name") == INDEX]
    indexed = any(node.get("Index Name") == INDEX for node in on_tabs)
    return tabs.explain(analyze=True).splitlines(), indexed and all(node["Node Type"] != "Seq Scan" for node in on_tabs)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)
