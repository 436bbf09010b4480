"""Spans of time and charts, as people read them."""

from datetime import timedelta

import pytest

from nisam.lib.charts import HEIGHT, WIDTH, Point, bar_chart
from nisam.lib.durations import duration_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.42, "0.4 s"),
        (9.97, "10 s"),
        (59.7, "1 min 0 s"),
        (192, "3 min 12 s"),
        (7500, "2 h 5 min"),
        (259200, "3 days"),
    ],
)
def test_a_span_is_told_in_the_units_that_fit_it(seconds: float, words: str) -> None:
    assert duration_words(timedelta(seconds=seconds)) == words


def test_no_span_is_a_dash() -> None:
    assert duration_words(None) == "–"


def test_the_highest_bar_reaches_the_top_and_what_is_little_is_still_seen() -> None:
    values = 1000, 1, 0
    chart = bar_chart("Videos", "1,001", [Point(f"day {value}", value, str(value), "") for value in values])
    assert [bar.height for bar in chart.bars] == [HEIGHT, 2, 0]
    assert all(bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert chart.highest == "1000 (day 1000)"


def test_a_chart_of_nothing_has_no_highest_bar() -> None:
    assert bar_chart("Videos", "", [Point("today", 0, "", "")]).highest == ""
