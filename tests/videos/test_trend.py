"""What trends: views gained lately, not views."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels.models import Channel
from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Precision, Video
from videos.trend import HALF_LIFE, first_trend, half_lives

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 5, 1, tzinfo=UTC)
Clock = Callable[[str], Any]


@pytest.fixture
def traveller(clock: Clock) -> Any:
    return clock(NOW.isoformat())


@pytest.fixture
def channel() -> Channel:
    return make_channel()


def seen(channel: Channel, name: str, views: int | None, published_at: datetime = LONG_AGO, **fields: Any) -> float:
    """A look at the platform; the score after it."""
    entry = make_entry(name, view_count=views, published_at=published_at, published_precision=Precision.EXACT, **fields)
    ingest(channel, [entry])
    return score(name)


def score(name: str) -> float:
    return Video.objects.get(external_id=name).trend


def popular(client: Client) -> list[str]:
    return [video["externalId"] for video in client.get("/api/videos?sort=popularity").json()]


def test_a_thousand_views_since_yesterday_stand_above_a_million_old_ones(
    traveller: Any, channel: Channel, client: Client
) -> None:
    seen(channel, "famous", 1_000_000)
    seen(channel, "rising", 100)
    traveller.shift(timedelta(days=1))
    seen(channel, "famous", 1_000_000)
    seen(channel, "rising", 1_100)
    assert popular(client) == ["rising", "famous"]
    assert [video["externalId"] for video in client.get("/api/videos/carousels").json()["trending"]] == ["rising"]


def test_older_gains_stand_below_equal_newer_ones(traveller: Any, channel: Channel, client: Client) -> None:
    for name in ("earlier", "later"):
        seen(channel, name, 100)
    traveller.shift(timedelta(days=1))
    seen(channel, "earlier", 600)
    seen(channel, "later", 101)
    traveller.shift(timedelta(days=1))
    seen(channel, "later", 601)
    assert popular(client) == ["later", "earlier"]


def test_a_gain_counts_half_after_a_half_life(traveller: Any, channel: Channel) -> None:
    seen(channel, "now", 0)
    seen(channel, "then", 0)
    traveller.shift(HALF_LIFE)
    then = seen(channel, "then", 1000)
    traveller.shift(HALF_LIFE)
    Video.objects.filter(external_id="now").update(updated_at=NOW + HALF_LIFE)
    assert seen(channel, "now", 500) == pytest.approx(then, abs=1e-6)


def test_gains_add_up(traveller: Any, channel: Channel) -> None:
    seen(channel, "a", 0)
    traveller.shift(timedelta(days=1))
    seen(channel, "a", 300)
    moment = traveller.shift(timedelta(hours=6)) or timezone.now()
    lately = 500 + 300 / 2 ** (timedelta(hours=6) / HALF_LIFE)
    assert seen(channel, "a", 800) == pytest.approx(math.log2(lately) + half_lives(moment), abs=1e-6)


def test_a_gain_over_a_long_time_counts_by_its_last_half_life(traveller: Any, channel: Channel) -> None:
    seen(channel, "a", 0)
    traveller.shift(20 * HALF_LIFE)
    expected = math.log2(1000 / 20) + half_lives(timezone.now())
    assert seen(channel, "a", 1000) == pytest.approx(expected, abs=1e-6)


def test_a_gain_of_much_later_outweighs_all_before(traveller: Any, channel: Channel) -> None:
    seen(channel, "a", 10**9, published_at=NOW)
    traveller.shift(timedelta(days=3650))
    Video.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert seen(channel, "a", 10**9 + 1) == pytest.approx(half_lives(timezone.now()), abs=1e-6)


@pytest.mark.parametrize("views", [2**63 - 1, 1])
def test_the_largest_and_the_smallest_gain_have_a_score(views: int, traveller: Any, channel: Channel) -> None:
    seen(channel, "a", 0)
    traveller.shift(timedelta(hours=1))
    expected = math.log2(views) + half_lives(timezone.now())
    assert seen(channel, "a", views) == pytest.approx(expected, abs=1e-6)


def test_a_drop_of_the_platforms_count_changes_nothing(traveller: Any, channel: Channel) -> None:
    seen(channel, "a", 100)
    traveller.shift(timedelta(days=1))
    before = seen(channel, "a", 600)
    traveller.shift(timedelta(days=1))
    assert seen(channel, "a", 500) == before


def test_news_without_views_change_nothing(traveller: Any, channel: Channel) -> None:
    seen(channel, "a", 100)
    traveller.shift(timedelta(days=1))
    before = seen(channel, "a", 600)
    traveller.shift(timedelta(days=1))
    assert seen(channel, "a", None, title="Another title") == before


def test_an_old_video_does_not_trend_by_being_found(traveller: Any, channel: Channel) -> None:
    assert seen(channel, "a", 1_000_000, NOW - timedelta(days=8)) == 0


def test_a_new_video_trends_by_its_first_views_as_of_when_it_came_out(traveller: Any, channel: Channel) -> None:
    out = NOW - timedelta(days=1)
    assert seen(channel, "a", 1000, out) == pytest.approx(math.log2(1000) + half_lives(out), abs=1e-6)


def test_first_views_that_become_known_later_count_as_if_found_then(traveller: Any, channel: Channel) -> None:
    out = NOW - timedelta(days=1)
    assert seen(channel, "a", None, out) == 0
    assert seen(channel, "a", 1000, out) == pytest.approx(math.log2(1000) + half_lives(out), abs=1e-6)


@pytest.mark.parametrize("views", [None, 1_000_000])
def test_a_score_by_this_sites_own_views_is_kept(views: int | None, traveller: Any, channel: Channel) -> None:
    seen(channel, "a", None)
    Video.objects.update(trend=1111.0, own_views=3)
    assert seen(channel, "a", views, title="Another title") == 1111.0


@pytest.mark.parametrize(("views", "published_at"), [(None, NOW), (0, NOW), (5, None), (5, NOW - timedelta(days=8))])
def test_without_views_or_a_late_date_there_is_no_first_score(views: int | None, published_at: datetime | None) -> None:
    assert first_trend(views, published_at, NOW) == 0


def test_a_date_in_the_future_gives_no_advantage() -> None:
    assert first_trend(5, NOW + timedelta(days=365), NOW) == first_trend(5, NOW, NOW)
