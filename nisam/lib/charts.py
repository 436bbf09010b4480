"""Where the bars of a chart stand; the drawing is a template's."""

from collections.abc import Sequence
from dataclasses import dataclass

# In the units of the drawing, which is stretched to its place on the page.
WIDTH, HEIGHT = 600, 140
# Of a bar's share of the width.
GAP = 0.2
LEAST = 2


@dataclass(frozen=True)
class Point:
    """What a bar stands for: a number, the number in words, and all that there is to say."""

    label: str
    value: float
    short: str
    words: str


@dataclass(frozen=True)
class Bar:
    """A bar of a drawing of WIDTH by HEIGHT, and what it says."""

    x: float
    y: float
    width: float
    height: float
    label: str
    words: str


@dataclass(frozen=True)
class Chart:
    """A chart of bars; `summary` says in words what it shows as a whole, `highest` is its highest bar, in words."""

    title: str
    summary: str
    bars: Sequence[Bar]
    highest: str
    width: int = WIDTH
    height: int = HEIGHT


def bar_chart(title: str, summary: str, points: Sequence[Point]) -> Chart:
    """A chart whose highest value reaches the top; a bar that is not nothing is never invisible."""
    highest = max(points, key=lambda point: point.value)
    bars = [_bar(point, place, WIDTH / len(points), highest.value) for place, point in enumerate(points)]
    return Chart(title, summary, bars, f"{highest.short} ({highest.label})" if highest.value else "")


def _bar(point: Point, place: int, step: float, highest: float) -> Bar:
    height = max(HEIGHT * point.value / highest, LEAST) if point.value else 0.0
    x, width = round((place + GAP / 2) * step, 1), round(step * (1 - GAP), 1)
    return Bar(x, round(HEIGHT - height, 1), width, round(height, 1), point.label, point.words)
