"""A channel counts as gone only when the platform has said so for days and in two ways."""

from collections.abc import Callable
from typing import Any

import pytest

from channels.follow import scan
from channels.models import Channel
from nisam.jobs.inline import work_off
from scraping.gone import add_proof
from tests.builders import make_recorded_channel
from tests.recorded import SCENARIOS

pytestmark = pytest.mark.django_db(transaction=True)

GONE = "youtube-channel-terminated"


@pytest.fixture
def channel() -> Channel:
    return make_recorded_channel("UCTGjY2I-ZUGnwVoWAGRd7XQ", "videos")


@pytest.fixture
def time(clock: Callable[[str], Any]) -> Any:
    return clock(SCENARIOS[GONE]["recorded_at"])


def scrape(channel: Channel) -> Channel:
    work_off(scan([channel], requested_by="test", wake_workers=False).job.pk, worker="test")
    channel.refresh_from_db()
    return channel


def test_one_answer_proves_nothing(channel: Channel, time: Any, replaying: Callable[..., Any]) -> None:
    replaying(GONE)
    assert scrape(channel).gone_at is None
    assert {proof["way"] for proof in channel.gone_proofs} == {"list", "channel"}


def test_many_answers_of_one_day_prove_nothing(channel: Channel, time: Any, replaying: Callable[..., Any]) -> None:
    replaying(GONE)
    for _ in range(10):
        scrape(channel)
        time.shift(3600)
    assert channel.gone_at is None


def test_answers_over_days_and_in_two_ways_are_believed(
    channel: Channel, time: Any, replaying: Callable[..., Any]
) -> None:
    replaying(GONE)
    for _ in range(4):
        scrape(channel)
        time.shift(86_400)
    assert channel.gone_at
    assert channel.is_active


def test_answers_in_one_way_alone_are_not_believed(channel: Channel, time: Any) -> None:
    for _ in range(5):
        add_proof(channel, "list")
        time.shift(86_400)
    assert channel.gone_at is None


def test_a_channel_that_is_seen_again_is_not_gone(channel: Channel, time: Any) -> None:
    for _ in range(5):
        add_proof(channel, "list")
        add_proof(channel, "channel")
        time.shift(86_400)
    channel.save()
    channel.was_seen()
    seen = Channel.objects.get()
    assert (seen.gone_at, seen.gone_proofs) == (None, [])
