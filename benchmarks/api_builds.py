"""A hundred clients who ask for the same page at the moment when its version changes: one of them may have it built."""

from collections import Counter
from collections.abc import Sequence
from itertools import cycle

from benchmarks.api_load import PATH
from benchmarks.client import Client
from benchmarks.measure import verdict
from benchmarks.writer import Writer

CLIENTS = 100
ROUNDS = 20


def one_build(ports: Sequence[int], commits: Writer) -> bool:
    """Ask these servers all at once, right after a commit, again and again; True when each time one answer was a MISS.

    They have a port each, because processes of one port share its clients as it happens, often not at all.
    """
    clients = [Client(port) for port, _ in zip(cycle(ports), range(CLIENTS), strict=False)]
    _all_at_once(clients)
    builds: Counter[int] = Counter()
    others: Counter[str] = Counter()
    for _ in range(ROUNDS):
        commits.commit()
        states = _all_at_once(clients)
        builds[states.pop("MISS", 0)] += 1
        others += states
    print(f"   {CLIENTS} clients of {len(ports)} processes, {ROUNDS} changes; each had so many builds: {dict(builds)}")
    print(f"   other answers: {dict(others)}")
    words = f"at most {max(builds)} builds after a change under {CLIENTS} clients (target 1), all others HIT"
    return verdict(words, set(builds) == {1} and set(others) == {"HIT"})


def _all_at_once(clients: list[Client]) -> Counter[str]:
    for client in clients:
        client.ask(PATH)
    return Counter(client.answer().state for client in clients)
