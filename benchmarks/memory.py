"""What a worker holds in memory while it reads a very long list, from the first page to the last."""

from benchmarks.measure import verdict
from benchmarks.setting import make_scan
from benchmarks.worker import workers
from tests.generated import PER_PAGE

VIDEOS = 50_000
# By this page everything that a worker keeps for good has been loaded.
SETTLED_PAGE = 50
MOST_MEGABYTES = 20


def run() -> bool:
    """One list of `VIDEOS` videos, in a process of its own; True when its memory stays flat."""
    (item,) = make_scan(1).items.values_list("pk", flat=True)
    print(f"one list of {VIDEOS:,} videos in pages of {PER_PAGE}, read by a process of its own")
    with workers(1, videos=VIDEOS) as (worker,):
        worker.start([str(item)])
        report = worker.report()
    pages = [resident / 1_000_000 for resident in report.resident]
    print(
        f"   {VIDEOS / report.seconds:,.0f} videos/s, {100 * report.processor_seconds / report.seconds:.0f} % of a core"
    )
    print(f"   {'page':>8}{'MB':>8}")
    for place in sorted({0, 9, SETTLED_PAGE - 1, *range(199, len(pages), 200), len(pages) - 1}):
        print(f"   {place + 1:8}{pages[place]:8.1f}")
    settled = pages[SETTLED_PAGE - 1 :]
    low, high = min(settled) - settled[0], max(settled) - settled[0]
    words = f"memory: {low:+.1f} to {high:+.1f} MB against page {SETTLED_PAGE} (target ± {MOST_MEGABYTES})"
    return verdict(words, max(high, -low) <= MOST_MEGABYTES)
