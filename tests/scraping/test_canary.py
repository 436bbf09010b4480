"""A platform's lists that suddenly lack what they always had are not written."""

from collections.abc import Callable
from typing import Any

import pytest

from channels.follow import scan
from channels.models import ChannelTab
from nisam.jobs.inline import work_off
from scraping.canary import ENOUGH_LISTS, watch
from scraping.models import Coverage
from tests.builders import make_entry, make_recorded_channel, make_tab
from tests.recorded import SCENARIOS
from videos.ingest import Entry
from videos.models import Video

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "youtube-kurzgesagt-videos-2026-01"


def a_list(share: float) -> list[Entry]:
    """Twenty entries, of which a share has views."""
    return [make_entry(view_count=5 if place < 20 * share else None) for place in range(20)]


def learned(tab: ChannelTab, share: float = 0.95) -> None:
    for _ in range(ENOUGH_LISTS):
        assert watch(tab, a_list(share)) == []


def test_a_fall_on_every_list_is_noticed() -> None:
    tab = make_tab()
    learned(tab)
    noticed = [watch(tab, a_list(0.4)) for _ in range(10)]
    assert noticed[0] == []
    assert noticed[-1] == ["view_count"]


def test_one_odd_list_is_no_break() -> None:
    tab = make_tab()
    learned(tab)
    assert watch(tab, a_list(0)) == []
    assert watch(tab, a_list(0.95)) == []


def test_nothing_is_compared_before_enough_lists_were_seen() -> None:
    tab = make_tab()
    for _ in range(ENOUGH_LISTS // 2):
        watch(tab, a_list(0.95))
    assert [watch(tab, a_list(0)) for _ in range(ENOUGH_LISTS // 2)] == [[]] * (ENOUGH_LISTS // 2)


def test_a_source_recovers_by_itself_when_the_field_is_back() -> None:
    tab = make_tab()
    learned(tab)
    for _ in range(10):
        watch(tab, a_list(0.4))
    assert [watch(tab, a_list(0.95)) for _ in range(10)][-1] == []


def test_sources_are_watched_each_on_its_own() -> None:
    videos, shorts = make_tab(), make_tab(kind="shorts")
    learned(videos)
    learned(shorts)
    for _ in range(10):
        watch(videos, a_list(0.4))
    assert watch(shorts, a_list(0.95)) == []


def test_nothing_is_written_from_a_broken_source(replaying: Callable[..., Any], clock: Callable[[str], Any]) -> None:
    clock(SCENARIOS[LIST]["recorded_at"])
    replaying("youtube-creativecommons-videos-2026-05")
    channel = make_recorded_channel("UCTwECeGqMZee77BjdoYtI2Q")
    Coverage.objects.create(source="youtube/videos", field="view_count", usual=0.95, recent=0.6, lists=100)
    job = work_off(scan([channel], requested_by="test", wake_workers=False).job.pk, worker="test")
    assert job.items.get().error_code == "layout_changed"
    assert "view count" in job.error_message
    assert not Video.objects.exists()
