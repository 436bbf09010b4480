"""How many entries a worker's process reads in a first full pass over many channels, with no network to wait for.

The floor only reads the lists: the source and yt-dlp, without job, catalogue and database.
"""

import statistics
import time

from benchmarks.measure import interleave, show
from benchmarks.setting import empty_database, make_channels, make_scan, pages_of, scenarios
from benchmarks.worker import Report, workers
from channels.models import ChannelTab
from nisam.jobs.models import Job, Status
from nisam.jobs.runner import run_item
from tests.generated import GeneratedLibrary, installed

CHANNELS = 20
VIDEOS = 300
ENTRIES = CHANNELS * VIDEOS
ROUNDS = 3


def run() -> bool:
    """In this process, and in one and two others; there is no target, so this is always True."""
    reports: dict[int, list[Report]] = {1: [], 2: []}

    def others(number: int) -> float:
        seconds, reported = _scan_with(number)
        reports[number] += reported
        return seconds

    print(f"{CHANNELS} new channels of {VIDEOS} videos")
    with installed(GeneratedLibrary(scenarios(), VIDEOS)):
        works = {
            "lists only": _read_lists,
            "in this process": _scan_here,
            "1 process": lambda: others(1),
            "2 processes": lambda: others(2),
        }
        found = interleave(works, rounds=ROUNDS, items=ENTRIES)
    show(found, floor="lists only", unit="entries")
    for number, name in ((1, "1 process"), (2, "2 processes")):
        # The processor's time is what a busy machine does not change.
        milliseconds = (
            1000 * statistics.median(report.processor_seconds for report in reports[number]) * number / ENTRIES
        )
        each = found[name].rate / number
        print(f"{name}: {each:,.0f} entries/s each, {milliseconds:.2f} ms of processor an entry")
    return True


def _read_lists() -> float:
    empty_database()
    make_channels(CHANNELS)
    tabs = list(ChannelTab.objects.all())
    began = time.perf_counter()
    for tab in tabs:
        for _ in pages_of(tab):
            pass
    return time.perf_counter() - began


def _scan_here() -> float:
    items = _items()
    began = time.perf_counter()
    for item in items:
        assert run_item(item, worker="benchmark") == Status.COMPLETED
    seconds = time.perf_counter() - began
    _check()
    return seconds


def _scan_with(processes: int) -> tuple[float, list[Report]]:
    """Each gets its part of one job's items; a process is started and warm before the time is taken."""
    items = _items()
    with workers(processes, videos=VIDEOS) as started:
        began = time.perf_counter()
        for place, worker in enumerate(started):
            worker.start(items[place::processes])
        reports = [worker.report() for worker in started]
        seconds = time.perf_counter() - began
    _check()
    return seconds, reports


def _items() -> list[str]:
    empty_database()
    return [str(pk) for pk in make_scan(CHANNELS).items.values_list("pk", flat=True)]


def _check() -> None:
    job = Job.objects.get()
    assert job.status == Status.COMPLETED
    assert job.added == ENTRIES, job.added
