"""What jobs cost: events, counters, cursors and leases, as a part of a scrape that never waits for a network.

Everything that nisam.jobs does is counted, the processor time of the heartbeat's thread included. The commit of a
page is shown with it and apart from it: the data needs one too. The floor reads the same list with the same source
into the same table, in a transaction a page, without any job.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction

from benchmarks.clock import Clock, replaced
from benchmarks.measure import interleave, show, verdict
from benchmarks.setting import empty_database, make_channels, make_scan, pages_of, scenarios
from channels.models import Channel, ChannelTab
from nisam.jobs import heartbeat, runner
from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, JobEvent, JobItem, Status
from nisam.jobs.run import Run, Step
from tests.generated import PER_PAGE, GeneratedLibrary, installed
from videos.ingest import ingest
from videos.models import Video

VIDEOS = 3_000
ROUNDS = 3
MOST = 0.10
# What nisam.jobs does, by where it is called; none of these is called inside another.
JOBS = ("steps", "log lines", "progress", "claim", "finish", "heartbeat, start and end", "heartbeat, its thread")
COMMITS = "  commits"


def run() -> bool:
    """A list of `VIDEOS` videos, as a job and without one; True when jobs cost less than `MOST` of it."""
    clocks: list[Clock] = []

    def as_job() -> float:
        clocks.append(clock := Clock())
        return _scan(clock)

    print(f"one list of {VIDEOS:,} videos in pages of {PER_PAGE}")
    with installed(GeneratedLibrary(scenarios(), VIDEOS)):
        works = {"no job": _without_job, "as a job": as_job}
        show(interleave(works, rounds=ROUNDS, items=VIDEOS), floor="no job", unit="videos")
    _show_parts(clocks)
    alone = statistics.median(_share(clock) for clock in clocks)
    with_commits = statistics.median(_share(clock) + clock.seconds[COMMITS] / clock.seconds["all"] for clock in clocks)
    words = (
        f"{100 * alone:.1f} % of a scrape (target < {100 * MOST:.0f} %), {100 * with_commits:.1f} % with its commits"
    )
    return verdict(f"bookkeeping: {words}", alone < MOST)


def _share(clock: Clock) -> float:
    return (sum(clock.seconds[name] for name in JOBS) - clock.seconds[COMMITS]) / clock.seconds["all"]


def _show_parts(clocks: list[Clock]) -> None:
    pages = VIDEOS / PER_PAGE
    print(f"   {'ms a page, medians':40}{'':10}{'of all':>8}")
    for name in sorted({name for clock in clocks for name in clock.seconds}, key=lambda name: (name[0] == " ", name)):
        middle = statistics.median(clock.seconds[name] for clock in clocks)
        share = statistics.median(clock.seconds[name] / clock.seconds["all"] for clock in clocks)
        print(f"   {name:40}{1000 * middle / pages:10.2f}{100 * share:7.1f} %")


def _without_job() -> float:
    empty_database()
    (channel,) = make_channels(1)
    tab = channel.tabs.get()
    began = time.perf_counter()
    position = 0
    for page in pages_of(tab):
        with transaction.atomic():
            ingest(channel, page.entries, position=position)
        position += len(page.entries)
    return time.perf_counter() - began


def _scan(clock: Clock) -> float:
    empty_database()
    item = make_scan(1).items.get()
    with _watched(clock), clock.spent_on("all"):
        assert runner.run_item(item.pk, worker="benchmark") == Status.COMPLETED
    return clock.seconds["all"]


@contextmanager
def _watched(clock: Clock) -> Iterator[None]:
    """Time the ways into nisam.jobs, and inside them and the handler each table's statements and the commits."""
    models = (JobEvent, JobItem, Job, Video, ChannelTab, Channel)
    tables = {model._meta.db_table: model._meta.verbose_name for model in models}  # noqa: SLF001 - Django's documented Meta API

    def statement(execute: Any, sql: str, *rest: Any) -> Any:
        written = next((name for table, name in tables.items() if f"{table} " in sql.replace('"', "")), "others")
        with clock.spent_on(f"  statements: {sql.split(maxsplit=1)[0]} {written}"):
            return execute(sql, *rest)

    with ExitStack() as stack:
        stack.enter_context(
            replaced(
                (runner, "claim", clock.calls("claim", claim)),
                (runner, "finish", clock.calls("finish", finish)),
                (runner, "heartbeat", clock.ends("heartbeat, start and end", heartbeat.heartbeat)),
                (heartbeat, "_beat", clock.calls("heartbeat, its thread", heartbeat._beat, time.thread_time)),  # noqa: SLF001 - the thread has no other name
                (Step, "log", clock.calls("log lines", Step.log)),
                (Run, "progress", clock.calls("progress", Run.progress)),
                (Run, "step", clock.ends("steps", Run.step)),
                (connection, "commit", clock.calls(COMMITS, connection.commit)),
            )
        )
        stack.enter_context(connection.execute_wrapper(statement))
        yield
