"""How many entries a worker's process reads in a first full pass over many channels, with no network to wait for.

The floor only reads the lists: the source and yt-dlp, without job, catalogue and database.
"""

import time
from collections.abc import Callable
from functools import partial

from benchmarks.instance import GeneratedInstance
from benchmarks.measure import interleave, show, verdict
from benchmarks.setting import empty_database, make_channels, make_scan, pages_of, scenarios, tell_names
from benchmarks.worker import Report, workers
from channels.models import ChannelTab
from nisam.jobs.models import Job, Status
from tests.generated import GeneratedLibrary, installed
from tests.replay_site.replayed_requests import answered

CHANNELS = 200
VIDEOS = 100
PROCESSES = (1, 2, 4)
PLATFORMS = ("youtube", "peertube")
FLOOR = "yt-dlp alone reads YouTube's"
ENTRIES_PER_SECOND = 1_500
ENTRIES = CHANNELS * VIDEOS
ROUNDS = 3


def run() -> bool:
    """YouTube through yt-dlp and PeerTube's API, in one, two and four processes; True when one alone is fast enough."""
    reports: dict[str, list[Report]] = {}

    def others(number: int, platform: str) -> float:
        seconds, reported = _scan_with(number, platform)
        reports.setdefault(_named(number, platform), []).extend(reported)
        return seconds

    print(f"{CHANNELS} new channels of {VIDEOS} videos, politeness off")
    works: dict[str, Callable[[], float]] = {FLOOR: _read_lists}
    for platform in PLATFORMS:
        works |= {_named(number, platform): partial(others, number, platform) for number in PROCESSES}
    instance = GeneratedInstance(scenarios(), VIDEOS)
    with installed(GeneratedLibrary(scenarios(), VIDEOS)), answered(instance.find):
        found = interleave(works, rounds=ROUNDS, items=ENTRIES)
    show(found, floor=FLOOR, unit="entries")
    for name, reported in reports.items():
        # The processor's time is what a busy machine does not change.
        spent = sum(report.processor_seconds for report in reported) / ROUNDS
        print(f"{name}: {1000 * spent / ENTRIES:.2f} ms of processor an entry")
    rates = {platform: found[_named(1, platform)].rate for platform in PLATFORMS}
    fast = [
        verdict(
            f"{platform}: {rate:,.0f} entries/s a process (target ≥ {ENTRIES_PER_SECOND:,})", rate >= ENTRIES_PER_SECOND
        )
        for platform, rate in rates.items()
    ]
    return all(fast)


def _named(processes: int, platform: str) -> str:
    return f"{platform}, {processes} process{'es' if processes > 1 else ''}"


def _read_lists() -> float:
    empty_database()
    make_channels(CHANNELS)
    tabs = list(ChannelTab.objects.all())
    began = time.perf_counter()
    for tab in tabs:
        for _ in pages_of(tab):
            pass
    return time.perf_counter() - began


def _scan_with(processes: int, platform: str) -> tuple[float, list[Report]]:
    """Each gets its part of one job's items; a process is started and warm before the time is taken."""
    items = _items(platform)
    with workers(processes, videos=VIDEOS) as started:
        began = time.perf_counter()
        for place, worker in enumerate(started):
            worker.start(items[place::processes])
        reports = [worker.report() for worker in started]
        seconds = time.perf_counter() - began
    _check()
    return seconds, reports


def _items(platform: str) -> list[str]:
    empty_database()
    job = make_scan(CHANNELS, platform)
    tell_names()
    return [str(pk) for pk in job.items.values_list("pk", flat=True)]


def _check() -> None:
    job = Job.objects.get()
    assert job.status == Status.COMPLETED
    assert job.added == ENTRIES, job.added
