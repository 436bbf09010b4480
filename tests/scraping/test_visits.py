"""The same channel visited again, months later: what is new is added, what is known is kept."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from channels.follow import follow, scan
from channels.models import Channel, ChannelTab
from nisam.jobs.inline import work_off
from nisam.jobs.models import Job, Status
from tests.builders import make_channel, make_entry, make_recorded_channel, make_tab
from tests.recorded import SCENARIOS
from videos.ingest import ingest
from videos.models import Precision, Video

pytestmark = pytest.mark.django_db(transaction=True)

Replaying = Callable[..., Any]
Clock = Callable[[str], Any]


def scrape(channel: Channel, **options: Any) -> Job:
    return work_off(scan([channel], requested_by="test", wake_workers=False, **options).job.pk, worker="test")


def visit(name: str, channel: Channel, replaying: Replaying, clock: Clock) -> Job:
    """Scrape a channel as it was when a scenario was recorded; its feed is not recorded, so its lists are read."""
    clock(SCENARIOS[name]["recorded_at"])
    replaying(name)
    return scrape(channel, kinds=[tab.kind for tab in channel.tabs.all()])


@pytest.mark.parametrize(
    ("first", "second", "new"),
    [
        ("youtube-kurzgesagt-videos-2026-01", "youtube-kurzgesagt-videos-2026-07", 7),
        ("youtube-creativecommons-videos-2026-01", "youtube-creativecommons-videos-2026-05", 9),
        ("youtube-shemp-videos-2025-07-11", "youtube-shemp-videos-2025-07-16", 0),
        ("youtube-doobydobap-shorts-2026-01", "youtube-doobydobap-shorts-2026-07", 8),
        ("youtube-jeffgeerling-streams-2026-01", "youtube-jeffgeerling-streams-2026-07", 0),
    ],
)
def test_a_second_visit_adds_exactly_what_is_new(
    first: str, second: str, new: int, replaying: Replaying, clock: Clock
) -> None:
    channel = make_recorded_channel(SCENARIOS[first]["channel_id"], first.split("-")[2])
    before = visit(first, channel, replaying, clock)
    after = visit(second, channel, replaying, clock)
    assert (before.status, after.status, after.added) == (Status.COMPLETED, Status.COMPLETED, new)
    assert Video.objects.count() == SCENARIOS[first]["expect"]["entries"] + new


def test_a_layout_without_views_and_dates_takes_no_known_value_away(replaying: Replaying, clock: Clock) -> None:
    channel = make_recorded_channel("UCTwECeGqMZee77BjdoYtI2Q", "videos")
    known = "external_id", "view_count", "published_at", "published_precision", "duration_seconds"
    visit("youtube-creativecommons-videos-2026-01", channel, replaying, clock)
    before = {row[0]: row for row in Video.objects.values_list(*known)}
    visit("youtube-creativecommons-videos-2026-05", channel, replaying, clock)
    after = {row[0]: row for row in Video.objects.values_list(*known)}
    assert {key: after[key] for key in before} == before
    assert all(row[1] is not None and row[3] == Precision.APPROXIMATE for row in before.values())


def test_shorts_are_found_although_all_of_the_other_list_is_known(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-doobydobap-shorts-2026-07"
    channel = make_recorded_channel(SCENARIOS[name]["channel_id"], "shorts")
    ingest(channel, [make_entry() for _ in range(40)])
    assert visit(name, channel, replaying, clock).added == 96
    assert Video.objects.filter(kind="short").count() == 96


def test_a_removed_channel_that_is_back_is_the_same_channel(replaying: Replaying, clock: Clock) -> None:
    channel = make_recorded_channel("UC0AuOxCr9TZ0TtEgL1zpIgA", "videos")
    ingest(channel, [make_entry("known")])
    gone = visit("youtube-francesoir-removed-2025-07", channel, replaying, clock)
    channel.refresh_from_db()
    assert (gone.status, channel.error_code, channel.gone_at) == (Status.FAILED, "channel_gone", None)
    back = visit("youtube-francesoir-back-2026-01", channel, replaying, clock)
    channel.refresh_from_db()
    assert (back.added, Channel.objects.count(), Video.objects.count()) == (30, 1, 31)
    assert (channel.error_code, channel.gone_proofs, channel.name) == ("", [], "France-Soir")


def test_the_uploads_playlist_stands_in_for_an_age_restricted_list(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-laphroaig-agerestricted-2025-07"
    channel = make_recorded_channel("UCbfnHqxXs_K3kvaH-WlNlig", "videos")
    assert visit(name, channel, replaying, clock).added == 147
    channel.refresh_from_db()
    assert channel.name == "Laphroaig Whisky"


def test_an_age_restricted_channel_can_be_followed(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-laphroaig-agerestricted-2025-07"
    clock(SCENARIOS[name]["recorded_at"])
    replaying(name)
    channel = follow("https://www.youtube.com/channel/UCbfnHqxXs_K3kvaH-WlNlig/videos")
    scrape(channel, kinds=["videos"])
    channel.refresh_from_db()
    assert (channel.name, channel.handle, Video.objects.count()) == ("Laphroaig Whisky", "@laphroaig", 147)


def test_a_peertube_channel_visited_again_adds_what_is_new_with_every_field(replaying: Replaying, clock: Clock) -> None:
    clock("2025-07-12T10:23:33Z")
    replaying("peertube-lqdn-channel-earlier")
    channel = follow("https://framatube.org/c/lqdn_channel@video.lqdn.fr/videos")
    assert scrape(channel).added == 25
    replaying("peertube-lqdn-channel")
    assert scrape(channel).added == 3
    channel.refresh_from_db()
    assert (channel.platform, channel.external_id) == ("peertube", "lqdn_channel@video.lqdn.fr")
    for video in Video.objects.all():
        assert video.published_precision == Precision.EXACT
        assert video.view_count is not None
        assert video.duration_seconds


def test_tiktok_videos_have_exact_dates(replaying: Replaying, clock: Clock) -> None:
    clock(SCENARIOS["tiktok-sonypictures"]["recorded_at"])
    replaying("tiktok-sonypictures")
    scrape(follow("https://www.tiktok.com/@sonypictures?lang=en"))
    assert Video.objects.filter(platform="tiktok", published_precision=Precision.EXACT).count() == 50


def test_a_renamed_channel_stays_one_channel_with_its_old_names(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-vsauce-videos-2026-01"
    channel = make_recorded_channel("UC6nSFpj9HTCZ5t-N3Rm3-HA", "videos")
    Channel.objects.filter(pk=channel.pk).update(name="Old name", handle="@old")
    channel.aliases.create(key="youtube:@old")
    visit(name, channel, replaying, clock)
    channel.refresh_from_db()
    assert (channel.name, channel.handle) == ("Vsauce", "@Vsauce")
    assert [former["name"] for former in channel.former_names] == ["Old name"]
    assert set(channel.aliases.values_list("key", flat=True)) >= {"youtube:@old", "youtube:@vsauce"}


def test_a_reply_about_another_channel_is_not_taken_in(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-vsauce-videos-2026-01"
    another = make_channel(url="https://www.youtube.com/channel/UC6nSFpj9HTCZ5t-N3Rm3-HA")
    make_tab(another)
    job = visit(name, another, replaying, clock)
    another.refresh_from_db()
    assert (job.items.get().error_code, Video.objects.count()) == ("wrong_channel", 0)
    assert another.external_id != "UC6nSFpj9HTCZ5t-N3Rm3-HA"


def test_videos_that_a_channels_filters_exclude_are_left_out(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-kurzgesagt-videos-2026-01"
    channel = make_recorded_channel(SCENARIOS[name]["channel_id"], "videos")
    Channel.objects.filter(pk=channel.pk).update(title_pattern="^why", shortest_seconds=600)
    visit(name, channel, replaying, clock)
    assert 0 < Video.objects.count() < 60
    assert all(v.title.lower().startswith("why") and (v.duration_seconds or 0) >= 600 for v in Video.objects.all())


def test_a_list_that_no_operator_follows_is_not_read(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-kurzgesagt-videos-2026-01"
    channel = make_recorded_channel(SCENARIOS[name]["channel_id"], "videos", "shorts")
    ChannelTab.objects.filter(kind="shorts").update(is_followed=False)
    clock(SCENARIOS[name]["recorded_at"])
    library = replaying(name)
    scrape(channel, full=True)
    assert not [url for _method, url, _status in library.log if "shorts" in url]


def test_a_playlist_may_grow_anywhere_so_it_is_read_to_its_end(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-playlist-crashcourse-2025-07"
    clock(SCENARIOS[name]["recorded_at"])
    replaying(name)
    channel = follow(SCENARIOS[name]["url"])
    scrape(channel)
    Video.objects.latest("-published_at").delete()
    assert scrape(channel).found == SCENARIOS[name]["expect"]["entries"]


def test_a_read_that_ended_in_its_middle_is_made_good(replaying: Replaying, clock: Clock) -> None:
    name = "youtube-kurzgesagt-videos-2026-01"
    channel = make_recorded_channel(SCENARIOS[name]["channel_id"])
    clock(SCENARIOS[name]["recorded_at"])
    channel.tabs.update(last_full_at=timezone.now())
    library = replaying(name)
    library.fail_next("youtubei/v1/browse", 404)
    assert scrape(channel).added == 30
    assert scrape(channel).added == 30
    assert not ChannelTab.objects.get().is_torn
