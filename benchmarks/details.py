"""What reading a video's own page costs of the processor, beside waiting for it: recorded pages, no network."""

import statistics
import time

from benchmarks.measure import verdict
from benchmarks.setting import scenarios
from scraping.door import Door
from scraping.sources.ytdlp import YtdlpSource
from tests.recorded import SCENARIOS, named

ROUNDS = 20
MOST_MILLISECONDS = 30


def run() -> bool:
    """Each recorded video's page again and again; True when the slowest stays under the target."""
    folder = scenarios()
    import replay  # noqa: PLC0415 - importable once the scenarios are found

    slowest = 0.0
    for name in named("video"):
        with replay.installed(folder / name):
            source = YtdlpSource(Door())
            milliseconds = statistics.median(_read(source, SCENARIOS[name]["url"]) for _ in range(ROUNDS))
        print(f"   {name:40}{milliseconds:8.1f} ms")
        slowest = max(slowest, milliseconds)
    words = f"a video's page: at most {slowest:.1f} ms of processor (target < {MOST_MILLISECONDS})"
    return verdict(words, slowest < MOST_MILLISECONDS)


def _read(source: YtdlpSource, url: str) -> float:
    began = time.process_time()
    source.details(url)
    return 1000 * (time.process_time() - began)
