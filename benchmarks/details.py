"""What reading a video's own page costs of the processor, beside waiting for it: recorded pages, no network."""

import statistics
import time
from typing import Any

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
        with replay.installed(folder / name) as library:
            network = _Network(library)
            source = YtdlpSource(Door())
            milliseconds = statistics.median(_read(source, network, SCENARIOS[name]["url"]) for _ in range(ROUNDS))
        print(f"   {name:40}{milliseconds:8.1f} ms")
        slowest = max(slowest, milliseconds)
    words = f"a video's page: at most {slowest:.1f} ms of processor (target < {MOST_MILLISECONDS})"
    return verdict(words, slowest < MOST_MILLISECONDS)


class _Network:
    """Notes the processor's time that stands for the network: making up the recorded answer."""

    def __init__(self, library: Any) -> None:
        self._answer = library.find
        self.seconds = 0.0
        library.find = self._find

    def _find(self, *args: Any) -> Any:
        began = time.process_time()
        reply = self._answer(*args)
        self.seconds += time.process_time() - began
        return reply


def _read(source: YtdlpSource, network: _Network, url: str) -> float:
    began, network.seconds = time.process_time(), 0.0
    source.details(url)
    return 1000 * (time.process_time() - began - network.seconds)
