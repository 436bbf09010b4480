"""How long until the next look: what decides it, and its bounds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from channels.models import ChannelTab
from scraping import errors
from scraping.rhythm import Bounds, factors, learn, next_check_after
from tests.builders import make_channel, make_tab

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def time(clock: Callable[[str], Any]) -> Any:
    return clock("2026-01-26T18:00:00Z")


def publishing(every: timedelta, *, ago: timedelta = timedelta(0)) -> ChannelTab:
    """A tab whose videos came at these gaps, the newest so long ago."""
    tab = make_tab()
    learn(tab, [timezone.now() - ago - place * every for place in range(20)])
    return tab


def interval(tab: ChannelTab) -> timedelta:
    return factors(tab, timezone.now(), Bounds.now())[-1].interval


def test_who_publishes_often_is_looked_at_more_often() -> None:
    assert interval(publishing(2 * HOUR)) < interval(publishing(24 * HOUR))


def test_a_list_is_looked_at_several_times_between_two_videos() -> None:
    assert interval(publishing(24 * HOUR)) == 6 * HOUR


def test_who_has_fallen_silent_is_looked_at_less_often() -> None:
    assert interval(publishing(2 * HOUR, ago=timedelta(days=10))) > interval(publishing(2 * HOUR))


def test_no_list_is_looked_at_more_often_than_the_bound(settings: Any) -> None:
    settings.SCRAPE_SHORTEST_INTERVAL_MINUTES = 45
    assert interval(publishing(timedelta(minutes=1))) == timedelta(minutes=45)


def test_no_list_is_looked_at_less_often_than_the_bound(settings: Any) -> None:
    settings.SCRAPE_LONGEST_INTERVAL_MINUTES = 600
    assert interval(publishing(timedelta(days=300), ago=timedelta(days=900))) == 10 * HOUR


def test_what_an_operator_has_set_counts_alone() -> None:
    tab = make_tab(make_channel(interval_minutes=5))
    learn(tab, [timezone.now() - place * HOUR for place in range(20)])
    assert interval(tab) == timedelta(minutes=5)


def test_every_factor_says_in_words_what_it_does() -> None:
    tab = publishing(2 * HOUR, ago=timedelta(days=900))
    assert [factor.words.split()[0] for factor in factors(tab, timezone.now(), Bounds.now())] == ["it", "its", "every"]


def test_dates_that_come_in_heaps_are_no_rush() -> None:
    tab = make_tab()
    learn(tab, [timezone.now() - timedelta(weeks=place // 5) for place in range(20)])
    assert interval(tab) > 6 * HOUR


def test_one_video_is_no_rhythm() -> None:
    tab = make_tab()
    learn(tab, [timezone.now()])
    assert (tab.publishes_every_minutes, tab.newest_at) == (None, timezone.now())


def test_each_failure_in_a_row_waits_longer_but_not_for_ever() -> None:
    waits = [next_check_after(errors.ParseError("x"), failures) - timezone.now() for failures in (0, 1, 2, 50)]
    assert waits[0] < waits[1] < waits[2] < waits[3] < timedelta(days=8)
