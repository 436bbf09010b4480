"""A video's slug: renewed when an operator changes the title, and old addresses lead on."""

import uuid

import pytest
from django.test import Client

from channels.models import Channel
from nisam.freshness.models import Version
from nisam.lib.slugs import unique_slug
from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import FormerSlug, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    return make_channel()


def scraped(channel: Channel, title: str) -> Video:
    ingest(channel, [make_entry("a", title=title)])
    return Video.objects.get(external_id="a")


def former() -> set[str]:
    return set(FormerSlug.objects.values_list("slug", flat=True))


def leads_to(client: Client, slug: str) -> str:
    answer = client.get(f"/api/videos/{slug}", follow=True)
    assert answer.status_code == 200
    return str(answer.json()["slug"])


def test_equal_titles_whose_ids_begin_alike_have_slugs_of_their_own() -> None:
    ids = [uuid.UUID(f"d459ca89-{number:04x}-4487-b126-2fe515886502") for number in range(100)]
    assert len({unique_slug("#shorts", one, "video") for one in ids}) == len(ids)


def test_a_new_title_makes_a_new_slug_and_the_old_address_leads_there(channel: Channel, client: Client) -> None:
    video = scraped(channel, "Theirs")
    old = video.slug
    video.edit(title="Ours")
    video = Video.objects.get()
    assert (video.slug, former()) == (f"ours-{video.pk.hex[:12]}", {old})
    assert client.get(f"/api/videos/{old}").status_code == 301
    assert leads_to(client, old) == video.slug


def test_every_slug_that_a_video_had_leads_to_the_present_one(channel: Channel, client: Client) -> None:
    video = scraped(channel, "Theirs")
    slugs = [video.slug]
    for title in ("Ours", "日本語", "Ours again"):
        video.edit(title=title)
        slugs.append(Video.objects.get().slug)
    assert former() == set(slugs[:-1])
    assert {leads_to(client, slug) for slug in slugs} == {slugs[-1]}


def test_a_title_that_is_given_back_has_its_slug_again(channel: Channel, client: Client) -> None:
    video = scraped(channel, "Theirs")
    first = video.slug
    video.edit(title="Ours")
    second = Video.objects.get().slug
    video.give_back()
    assert (Video.objects.get().slug, former()) == (first, {second})
    assert leads_to(client, second) == first


def test_titles_that_come_and_go_leave_no_slug_in_both_places(channel: Channel) -> None:
    video = scraped(channel, "Theirs")
    for title in ("Ours", "Theirs", "Ours", "Third", "Ours"):
        video.edit(title=title)
        assert Video.objects.get().slug not in former()
    assert len(former()) == 2


def test_a_title_that_the_platform_changes_keeps_the_slug(channel: Channel) -> None:
    before = scraped(channel, "Theirs").slug
    assert scraped(channel, "Theirs, changed").slug == before
    assert not FormerSlug.objects.exists()


def test_an_edit_of_something_else_keeps_the_slug(channel: Channel) -> None:
    before = scraped(channel, "Theirs").slug
    video = scraped(channel, "Theirs, changed")
    video.edit(description="Ours", title="Theirs, changed")
    video.give_back()
    assert (Video.objects.get().slug, former()) == (before, set())


def test_a_title_that_differs_in_signs_alone_keeps_the_slug(channel: Channel) -> None:
    video = scraped(channel, "Theirs")
    video.edit(title="Theirs!")
    assert (Video.objects.get().slug, former()) == (video.slug, set())


def test_an_edit_of_a_row_read_long_ago_keeps_the_slug_of_meanwhile(channel: Channel) -> None:
    stale = scraped(channel, "Theirs")
    Video.objects.get().edit(title="Ours")
    between = Video.objects.get().slug
    stale.edit(description="Ours")
    assert Video.objects.get().slug == between
    stale.edit(title="Third")
    assert between in former()


def test_two_videos_of_one_title_have_slugs_of_their_own(channel: Channel) -> None:
    ingest(channel, [make_entry("a"), make_entry("b")])
    for video in Video.objects.all():
        video.edit(title="Same")
    assert len({*Video.objects.values_list("slug", flat=True), *former()}) == 4


@pytest.mark.django_db(transaction=True)
def test_a_new_slug_is_seen_at_once(channel: Channel) -> None:
    video = scraped(channel, "Theirs")
    before = Version.objects.get(group="videos").token
    video.edit(title="Ours")
    assert Version.objects.get(group="videos").token != before
