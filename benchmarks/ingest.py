"""Writing pages of entries into the catalogue, against one COPY of the same rows into each of its tables.

The floor has the same tables, videos and what is searched of them, with all their indexes and constraints, but one
statement a table and one commit for all rows.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from benchmarks.measure import interleave, show, verdict
from benchmarks.rows import empty_table, is_postgresql, log_position, read_rows, row_versions, write_rows
from channels.models import Channel
from tests.builders import make_channel, make_entry
from videos.ingest import Entry, ingest
from videos.models import Precision

VIDEOS = 10_000
PER_PAGE = 100
ROUNDS = 7
LEAST_SPEED = 0.25
MOST_STATEMENTS = 2


def run() -> bool:
    """New, unchanged and half known videos; True when every target is met."""
    channel = make_channel()
    entries = [_entry(number) for number in range(VIDEOS)]
    older = [replace(entry, view_count=1) for entry in entries[::2]]
    _ingest(channel, entries)
    rows = read_rows()

    def all_new() -> float:
        empty_table()
        return _ingest(channel, entries)

    def half_known() -> float:
        empty_table()
        _ingest(channel, older)
        return _ingest(channel, entries)

    def floor() -> float:
        empty_table()
        return write_rows(rows)

    floor_name = "one COPY" if is_postgresql() else "one executemany"
    works = {
        floor_name: floor,
        "all new": all_new,
        "all unchanged": lambda: _ingest(channel, entries),
        "half known, their views changed": half_known,
    }
    print(f"{VIDEOS:,} videos in pages of {PER_PAGE}, a commit a page:")
    found = interleave(works, rounds=ROUNDS, items=VIDEOS)
    show(found, floor=floor_name, unit="videos")
    speed = found["all new"].speed_against(found[floor_name])
    passed = _nothing_is_written(channel, entries)
    if not is_postgresql():
        print("The target is one of PostgreSQL.")
        return passed
    return (
        verdict(f"new videos: {speed:.2f} of the speed of COPY (target ≥ {LEAST_SPEED})", speed >= LEAST_SPEED) & passed
    )


def _nothing_is_written(channel: Channel, entries: Sequence[Entry]) -> bool:
    """An ingest of what is known already takes few statements and gives no row a new version."""
    _ingest(channel, entries)
    statements = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    before, log_before = row_versions(), log_position()
    with connection.execute_wrapper(count):
        _ingest(channel, entries)
    logged = log_position() - log_before
    written = len(row_versions() - before)
    print(f"unchanged videos: {logged / VIDEOS:,.0f} bytes of write-ahead log each")
    a_page = statements / (VIDEOS / PER_PAGE)
    words = f"unchanged videos: {a_page:g} statements a page (target ≤ {MOST_STATEMENTS}), {written} rows written (0)"
    return verdict(words, a_page <= MOST_STATEMENTS and not written)


def _ingest(channel: Channel, entries: Sequence[Entry]) -> float:
    began = time.perf_counter()
    for first in range(0, len(entries), PER_PAGE):
        with transaction.atomic():
            ingest(channel, entries[first : first + PER_PAGE], position=first)
    return time.perf_counter() - began


def _entry(number: int) -> Entry:
    """An entry as long as those of a recorded list; its id is as random as a platform's."""
    external_id = hashlib.blake2b(str(number).encode(), digest_size=6).hexdigest()[:11]
    return make_entry(
        external_id,
        title=f"A title of the usual length, and number {number:05}",
        description="Go to an address to dive deeper into these topics, with a free trial of thirty days. " * 2,
        thumbnail_url=f"https://i.ytimg.com/vi/{external_id}/hqdefault.jpg",
        live_status="not_live",
        duration_seconds=60 + number,
        view_count=1_000_000 - number,
        published_at=datetime(2026, 1, 26, tzinfo=UTC) - timedelta(days=number),
        published_precision=Precision.APPROXIMATE,
        published_source="list",
    )
