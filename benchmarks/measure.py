"""Measuring on a shared, noisy machine: interleaved rounds, medians, and ratios to a floor of the same run."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Work = Callable[[], float]


@dataclass(frozen=True)
class Series:
    """What one kind of work took, in seconds, round by round; each round handled `items`."""

    name: str
    seconds: Sequence[float]
    items: int

    @property
    def median(self) -> float:
        """Seconds of the round in the middle."""
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Items per second of the round in the middle."""
        return self.items / self.median

    def speed_against(self, floor: "Series") -> float:
        """Its speed as a part of the floor's: the median over the rounds, each compared with the same round's floor."""
        ratios = [
            (self.items / own) / (floor.items / other) for own, other in zip(self.seconds, floor.seconds, strict=True)
        ]
        return statistics.median(ratios)


def interleave(works: Mapping[str, Work], *, rounds: int, items: int) -> dict[str, Series]:
    """Do all works once per round, in their order, so that a slow minute of the machine is shared by all of them.

    A work returns the seconds it measured itself, so that it can prepare what it needs unmeasured.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            seconds[name].append(work())
    return {name: Series(name, measured, items) for name, measured in seconds.items()}


def show(found: Mapping[str, Series], *, floor: str, unit: str) -> None:
    """Print a table: milliseconds per round, items per second, and the speed as a part of the floor's.

    The last column compares the best rounds: what is left when others use the machine least.
    """
    width = max(len(name) for name in found) + 10
    print(f"   {'ms':{width}}{'min':>10}{'median':>10}{'max':>10}{unit + '/s':>12}{'of floor':>10}{'at best':>9}")
    for name, series in found.items():
        low, middle, high = (1000 * value for value in (min(series.seconds), series.median, max(series.seconds)))
        label = f"{name} (floor)" if name == floor else name
        speed = series.speed_against(found[floor])
        best = series.items / found[floor].items * min(found[floor].seconds) / min(series.seconds)
        print(f"   {label:{width}}{low:10,.1f}{middle:10,.1f}{high:10,.1f}{series.rate:12,.0f}{speed:10.2f}{best:9.2f}")


def verdict(what: str, passed: bool) -> bool:
    """Print whether a target was met, and return it."""
    print(f"{'PASS' if passed else 'MISS'} {what}", flush=True)
    return passed
