"""Where the bars of a chart stand; the drawing is a template's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# In the units of the drawing, which is as wide as its place on the page.
WIDTH, HEIGHT = 600, 140


@dataclass(frozen=True)
class Bar:
    """A bar, its place in a drawing of WIDTH by HEIGHT, and what it says."""

    x: float
    y: float
    width: float
    height: float
    label: str
    words: str
    link: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Point:
    """What a bar is made of: a number, its words, and where it leads."""

    label: str
    value: float
    words: str
    link: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart of bars: its name, and in words what it shows as a whole."""

    title: str
    summary: str
    bars: Sequence[Bar]
    top: str
    width: int = WIDTH
    height: int = HEIGHT


def bar_chart(title: str, summary: str, points: Sequence[Point]) -> Chart:
    """A chart in which the highest value reaches the top; a bar that is not nothing is never invisible."""
    highest = max(points, key=lambda point: point.value, default=None)
    step = WIDTH / max(len(points), 1)
    bars = []
    for place, point in enumerate(points):
        height = max(HEIGHT * point.value / highest.value, 2) if highest and point.value > 0 else 0
        bars.append(Bar(**_rounded(x=place * step + step * 0.1, y=HEIGHT - height, width=step * 0.8, height=height),
                        label=point.label, words=point.words, link=point.link, kind=point.kind))  # fmt: skip
    return Chart(title, summary, bars, highest.words if highest and highest.value > 0 else "")


def _rounded(**numbers: float) -> Any:
    return {name: round(number, 1) for name, number in numbers.items()}
