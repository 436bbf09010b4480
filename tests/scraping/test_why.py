"""Why a channel is looked at when it is."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from channels.follow import look_targets
from channels.models import Channel, ChannelTab
from nisam.jobs.models import JobItem
from scraping.models import Coverage, Host
from scraping.why import Explanation, ListExplanation, explain
from tests.builders import make_channel, make_job, make_tab

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 26, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock(clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")


def make_read_tab(channel: Channel | None = None, **fields: Any) -> ChannelTab:
    """A list that is well: read an hour ago, due in an hour, read to its end yesterday."""
    known = {"last_checked_at": NOW - HOUR, "next_check_at": NOW + HOUR, "last_full_at": NOW - DAY}
    return make_tab(channel, **{**known, **fields})


def explained(tab: ChannelTab) -> tuple[ListExplanation, str]:
    """What is said of a list, and its reasons in one text."""
    channel = Channel.objects.get(pk=tab.channel_id)
    found = next(one for one in explain(channel, NOW).lists if one.kind == tab.kind)
    return found, " ".join(found.because)


def explained_channel(tab: ChannelTab) -> Explanation:
    return explain(Channel.objects.get(pk=tab.channel_id), NOW)


def test_the_next_look_is_told_with_its_distance_and_its_time() -> None:
    found, _ = explained(make_read_tab())
    assert found.next_look_at == NOW + HOUR
    assert found.next_look == "in 60 minutes (2026-01-26 19:00 UTC)"


def test_a_list_that_is_due_says_so() -> None:
    assert "now: it is due" in explained(make_read_tab(next_check_at=NOW - HOUR))[0].next_look


def test_every_factor_is_told_and_the_tenth_around_it() -> None:
    _, because = explained(make_read_tab(newest_at=NOW - 90 * DAY, publishes_every_minutes=1440))
    assert "It publishes about every 24 hours" in because
    assert "its newest video is 90 days old" in because.lower()
    assert "at the latest, after 24 hours" in because
    assert "22 hours to 26 hours" in because


def test_an_operators_interval_is_told_and_from_when_it_counts() -> None:
    _, because = explained(make_read_tab(make_channel(interval_minutes=5)))
    assert "An operator has set 5 minutes" in because
    assert "this counts from the next look on" in because


def test_a_time_that_the_factors_give_needs_no_excuse() -> None:
    _, because = explained(make_read_tab(make_channel(interval_minutes=120)))
    assert "from the next look on" not in because


def test_failures_are_told_with_the_last_error_and_the_wait() -> None:
    _, because = explained(
        make_read_tab(failures=3, error_code="parse", error_message="No luck.", next_check_at=NOW + 11 * HOUR)
    )
    assert "It failed 3 times in a row" in because
    assert "No luck." in because
    assert "the wait of 12 hours" in because
    assert "After a look that goes well:" in because


def test_a_list_that_the_platform_does_not_have_is_told() -> None:
    assert "no such list" in explained(make_read_tab(failures=1, error_code="tab_missing"))[1]


def test_a_paused_channel_and_a_list_switched_off_have_no_next_look() -> None:
    for tab in (make_read_tab(make_channel(is_active=False)), make_read_tab(is_followed=False)):
        assert explained(tab)[0].next_look_at is None
    found, because = explained(tab)
    assert "switched this list off" in found.next_look
    assert (because, found.asks, found.next_full_pass) == ("", "", "")


FEED = "https://www.youtube.com/feeds/videos.xml?channel_id=UCx"


@pytest.mark.parametrize(
    ("channel_fields", "tab_fields", "asks", "reason"),
    [
        ({}, {}, "list", "no feed of the channel is known"),
        ({"feed_url": FEED}, {}, "feed", "one request"),
        ({"feed_url": FEED, "feed_retry_at": NOW + HOUR}, {}, "list", "its feed failed"),
        ({"feed_url": FEED, "feed_retry_at": NOW - HOUR}, {}, "feed", "one request"),
        ({"feed_url": FEED}, {"last_full_at": None}, "list", "read to the end"),
        ({"feed_url": FEED}, {"last_full_at": NOW - 15 * DAY}, "list", "read to the end"),
        ({"feed_url": FEED}, {"failures": 1}, "list", "a look at videos failed"),
    ],
)
def test_what_is_asked_and_why_is_what_the_dispatcher_decides(
    channel_fields: dict[str, Any], tab_fields: dict[str, Any], asks: str, reason: str
) -> None:
    tab = make_read_tab(make_channel(**channel_fields), next_check_at=NOW, **tab_fields)
    found, because = explained(tab)
    assert (found.asks, reason in because) == (asks, True)
    kind = look_targets(tab.channel, [tab])[0].key.partition(":")[0]
    assert kind == {"feed": "channel", "list": "tab"}[asks]


def test_a_list_that_comes_later_does_not_decide_what_this_look_asks() -> None:
    channel = make_channel(feed_url=FEED)
    soon = make_read_tab(channel)
    make_read_tab(channel, kind="shorts", last_full_at=None, next_check_at=NOW + 5 * HOUR)
    assert explained(soon)[0].asks == "feed"


def test_a_feed_that_is_asked_for_another_list_before_is_told() -> None:
    channel = make_channel(feed_url=FEED)
    later = make_read_tab(channel, next_check_at=NOW + 5 * HOUR)
    soon = make_read_tab(channel, kind="shorts")
    assert "the feed is asked for shorts before that, in 60 minutes" in explained(later)[1]
    assert "before that" not in explained(soon)[1]


def test_the_next_full_pass_is_told() -> None:
    assert explained(make_read_tab(last_full_at=None))[0].next_full_pass.startswith("with the next look")
    assert "after 2026-02-08" in explained(make_read_tab())[0].next_full_pass


def test_a_resting_host_puts_the_look_off_and_is_told() -> None:
    tab = make_read_tab()
    Host.objects.create(name="youtube.com", open_until=NOW + 3 * HOUR, error_message="Slow down.")
    assert explained(tab)[0].next_look == "in 3 hours (2026-01-26 21:00 UTC), when youtube.com is asked again"
    assert "left alone, asked again in 3 hours" in explained_channel(tab).hosts[0]
    assert "Slow down" in explained_channel(tab).hosts[0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "youtube.com is well; asked 30 times a minute at most, 20 at once."),
        ({"failures": 2}, "it failed 2 times in a row"),
        ({"open_until": NOW - HOUR}, "to be probed by the next request"),
        ({"open_until": NOW - HOUR, "probe_until": NOW + HOUR}, "being probed by one request"),
        ({"next_free_at": NOW + timedelta(seconds=50)}, "the next request waits 12 s for its turn"),
    ],
)
def test_a_hosts_state_is_told(fields: dict[str, Any], words: str) -> None:
    Host.objects.create(name="youtube.com", **fields)
    assert words in explained_channel(make_read_tab()).hosts[0]


def test_a_job_that_reads_it_is_told_and_what_it_waits_for() -> None:
    tab = make_read_tab()
    job = make_job(f"tab:{tab.pk}")
    JobItem.objects.update(available_at=NOW + HOUR, error_message="youtube.com is left alone for now.")
    found = explained_channel(tab)
    assert [working.job_id for working in found.jobs] == [job.pk]
    assert "goes on in 60 minutes" in found.jobs[0].words
    assert "left alone for now" in found.jobs[0].words
    assert found.lists[0].next_look.startswith("now: a job has it in hand")


def test_proofs_that_it_is_gone_are_told() -> None:
    proofs = [{"at": (NOW - DAY).isoformat(), "way": way} for way in ("list", "channel")]
    assert "said 2 times that it is gone" in explained_channel(make_read_tab(make_channel(gone_proofs=proofs))).state[0]
    gone = make_channel(gone_proofs=proofs, gone_at=NOW)
    assert "counts as gone since 2026-01-26" in explained_channel(make_read_tab(gone)).state[0]


def test_a_layout_that_changed_is_told_at_the_lists_it_concerns() -> None:
    tab = make_read_tab()
    shorts = make_read_tab(tab.channel, kind="shorts")
    Coverage.objects.create(source="youtube/videos", field="view_count", usual=1, recent=0, broken_at=NOW - HOUR)
    assert "view count missing" in explained(tab)[1]
    assert "layout" not in explained(shorts)[1]


def test_it_takes_five_statements_however_many_lists(django_assert_num_queries: Callable[..., Any]) -> None:
    channel = make_channel(feed_url=FEED)
    for kind in ("videos", "shorts", "streams"):
        make_job(f"tab:{make_read_tab(channel, kind=kind).pk}")
    with django_assert_num_queries(5):
        explain(channel, NOW)


class TestTheCommand:
    def run(self, *arguments: str) -> str:
        output = StringIO()
        call_command("why_channel", *arguments, stdout=output)
        return output.getvalue()

    @pytest.mark.parametrize("typed", ["slug", "url", "handle"])
    def test_it_finds_a_channel_by_slug_address_and_handle(self, typed: str) -> None:
        channel = make_channel(handle="@somebody")
        channel.aliases.create(key=f"youtube:{channel.external_id}")
        make_read_tab(channel)
        assert "videos: next look in 60 minutes" in self.run(getattr(channel, typed))

    def test_it_prints_json(self) -> None:
        tab = make_read_tab()
        printed = json.loads(self.run(tab.channel.slug, "--json"))
        assert printed["lists"][0]["next_look_at"] == "2026-01-26T19:00:00Z"

    @pytest.mark.parametrize("typed", ["@nobody", "nonsense", "http://10.0.0.1/x"])
    def test_an_unknown_channel_is_bad_input(self, typed: str) -> None:
        with pytest.raises(CommandError, match="No channel is known") as raised:
            self.run(typed)
        assert raised.value.returncode == 2


class TestThePage:
    def test_it_is_linked_from_the_channels_page_and_tells_the_same(self, client: Client, admin_user: User) -> None:
        client.force_login(admin_user)
        channel = make_read_tab(make_channel(name="A <b>")).channel
        path = f"/admin/channels/channel/{channel.pk}/why/"
        assert path in client.get(f"/admin/channels/channel/{channel.pk}/change/").content.decode()
        page = client.get(path).content.decode()
        assert "in 60 minutes (2026-01-26 19:00 UTC)" in page
        assert "A &lt;b&gt;" in page

    def test_it_is_for_staff_that_may_see_channels(self, client: Client, django_user_model: type[User]) -> None:
        path = f"/admin/channels/channel/{make_channel().pk}/why/"
        assert client.get(path).status_code == 302
        staff = django_user_model.objects.create_user("staff", is_staff=True)
        client.force_login(staff)
        assert client.get(path).status_code == 403

    def test_a_channel_that_does_not_exist_is_a_404(self, client: Client, admin_user: User) -> None:
        client.force_login(admin_user)
        assert client.get("/admin/channels/channel/00000000-0000-0000-0000-000000000000/why/").status_code == 404
