"""Requests per second of the first page, for sixteen clients, as a part of those of a bare hello."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence

from benchmarks.client import NO_HEADERS, Client
from benchmarks.database import CannotRunError
from benchmarks.measure import Work, interleave, show, verdict
from benchmarks.writer import Writer
from benchmarks.wrk import CLIENTS, Load, load

PATH = "/api/videos?limit=24"
ROUNDS = 5
SECONDS = 3
LEAST = {"HIT": 1 / 4, "304": 1 / 3, "uncached": 1 / 25}


def under_load(port: int, hello: int, commits: Writer) -> bool:
    """Each kind of answer in turns with the hello; True when each reaches its part of the hello's speed."""
    loads: dict[str, list[Load]] = defaultdict(list)
    changes: list[float] = []

    def work(name: str, server: int, path: str = PATH, headers: Mapping[str, str] = NO_HEADERS) -> Work:
        def measured() -> float:
            loads[name].append(load(server, path, seconds=SECONDS, headers=headers))
            return 1 / loads[name][-1].rate

        return measured

    def cached(name: str, encoding: str = "identity") -> Work:
        def measured() -> float:
            headers = {"Accept-Encoding": encoding}
            status = 200
            if name == "304":
                status, headers["If-None-Match"] = 304, _etag(port)
            _expect_hit(port, status, headers)
            return work(name, port, headers=headers)()

        return measured

    def uncached() -> float:
        before = commits.commits
        with commits.committing():
            loads["uncached"].append(load(port, PATH, seconds=SECONDS, headers=NO_HEADERS, count_states=True))
        changes.append((commits.commits - before) / loads["uncached"][-1].seconds)
        return 1 / loads["uncached"][-1].rate

    works = {
        "hello": work("hello", hello, "/"),
        "HIT": cached("HIT"),
        "HIT, gzip": cached("HIT, gzip", "gzip"),
        "HIT, brotli": cached("HIT, brotli", "br"),
        "304": cached("304"),
        "uncached": uncached,
    }
    print(f"GET {PATH}, {CLIENTS} clients, {ROUNDS} rounds of {SECONDS} s:")
    found = interleave(works, rounds=ROUNDS, items=1)
    show(found, floor="hello", unit="requests")
    _show_waits(loads)
    print(f"   while uncached: {statistics.median(changes):,.0f} changes/s, {_states(loads['uncached'])}")
    passed = True
    for name, least in LEAST.items():
        speed = found[name].speed_against(found["hello"])
        passed &= verdict(f"{name}: 1/{1 / speed:.1f} of hello (target ≥ 1/{1 / least:.0f})", speed >= least)
    return passed


def _etag(port: int) -> str:
    return Client(port).get(PATH, {"Accept-Encoding": "identity"}).headers.get("etag", "")


def _expect_hit(port: int, status: int, headers: Mapping[str, str]) -> None:
    """Raise CannotRunError unless it is answered from the cache, at the latest the second time."""
    client = Client(port)
    client.get(PATH, headers)
    answer = client.get(PATH, headers)
    if (answer.status, answer.state) != (status, "HIT"):
        raise CannotRunError(
            f"{PATH} with {dict(headers)} is answered {answer.status} {answer.state}, not {status} HIT."
        )


def _show_waits(loads: Mapping[str, list[Load]]) -> None:
    print(f"   {'ms a client waits, medians of rounds':40}{'p50':>10}{'p99':>10}")
    for name, rounds in loads.items():
        p50, p99 = (statistics.median(getattr(one, part) for one in rounds) for part in ("p50_ms", "p99_ms"))
        print(f"   {name:40}{p50:10.2f}{p99:10.2f}")


def _states(loads: Sequence[Load]) -> str:
    builds = statistics.median(one.miss / one.seconds for one in loads)
    states = {part: sum(getattr(one, part) for one in loads) for part in ("hit", "miss", "bypass")}
    return f"{builds:,.0f} builds/s; {', '.join(f'{number:,} {part.upper()}' for part, number in states.items())}"
