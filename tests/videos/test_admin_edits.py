"""A video's fields that an operator edits, and its own page."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from channels.models import Channel
from nisam.jobs.models import Job
from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Category, Tag, Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
VIDEOS = "/admin/videos/video/"


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def channel() -> Channel:
    return make_channel()


def scraped(channel: Channel, **fields: Any) -> Video:
    ingest(channel, [make_entry("a", **fields)])
    return Video.objects.get()


def save(admin: Client, video: Video, **typed: Any) -> str:
    """Send a video's form with what is typed changed; the page that follows."""
    path = f"{VIDEOS}{video.pk}/change/"
    data = {**admin.get(path).context["adminform"].form.initial, **typed}
    for name in ("categories", "tags"):
        data[name] = [getattr(row, "pk", row) for row in data[name]]
    return admin.post(path, data, follow=True).content.decode()


def act(admin: Client, action: str, *videos: Video) -> str:
    data = {"action": action, "_selected_action": [video.pk for video in videos]}
    return admin.post(VIDEOS, data, follow=True).content.decode()


def test_an_edit_survives_a_scrape_with_the_platforms_new_value_beside_it(admin: Client, channel: Channel) -> None:
    video = scraped(channel, title="Theirs")
    save(admin, video, title="Ours")
    video = scraped(channel, title="Theirs 2")
    assert (video.title, video.upstream) == ("Ours", {"title": "Theirs 2"})
    assert "Platform says: <q>Theirs 2</q>" in admin.get(f"{VIDEOS}{video.pk}/change/").content.decode()


@pytest.mark.parametrize("title", ["Theirs", "Žena – 日本語 🎬 “x” \\ /"])
def test_a_repeated_scrape_after_an_edit_writes_no_row(title: str, channel: Channel) -> None:
    scraped(channel, title=title).edit(title="Ours", description="Ours: é")
    assert ingest(channel, [make_entry("a", title=title)]).unchanged == 1


def test_a_scrape_that_says_something_new_of_an_edited_field_is_repeated_without_a_write(channel: Channel) -> None:
    scraped(channel, title="Theirs").edit(title="Ours")
    scraped(channel, title="Žena")
    assert ingest(channel, [make_entry("a", title="Žena")]).unchanged == 1


def test_what_was_not_edited_follows_the_platform(channel: Channel) -> None:
    scraped(channel, description="Old.").edit(title="Ours")
    assert scraped(channel, description="New.").description == "New."


def test_giving_back_restores_what_the_platform_says(admin: Client, channel: Channel) -> None:
    video = scraped(channel, title="Theirs", description="")
    video.edit(title="Ours", description="Ours", kind="short")
    scraped(channel, title="Theirs 2")
    assert "3 fields of 1 are as the platform says again" in act(admin, "give_back", video)
    video.refresh_from_db()
    assert (video.title, video.description, video.kind, video.upstream) == ("Theirs 2", "", "video", {})
    assert scraped(channel, title="Theirs 3").title == "Theirs 3"


def test_edited_categories_and_tags_keep_the_platforms_names(admin: Client, channel: Channel) -> None:
    video = scraped(channel)
    video.tags.set(Tag.objects.named(["theirs", "also theirs"]))
    ours = Category.objects.named(["Ours"])[0]
    save(admin, video, tags=[], categories=[ours])
    video = Video.objects.get()
    assert video.upstream == {"tags": ["also theirs", "theirs"], "categories": []}
    assert list(video.categories.all()) == [ours]
    page = admin.get(f"{VIDEOS}{video.pk}/change/").content.decode()
    assert "Platform says: <q>also theirs, theirs</q>" in page
    assert "The platform says nothing of it." in page


def test_categories_and_tags_are_given_back(channel: Channel) -> None:
    video = scraped(channel)
    theirs = Tag.objects.named(["theirs"])
    video.tags.set(theirs)
    video.edit(tags=[], categories=Category.objects.named(["Ours"]))
    Tag.objects.all().delete()
    video.give_back()
    assert [tag.name for tag in video.tags.all()] == ["theirs"]
    assert not video.categories.exists()
    assert Video.objects.get().upstream == {}


def test_saving_a_form_that_changes_nothing_locks_nothing(admin: Client, channel: Channel) -> None:
    video = scraped(channel, description="Words.\nMore.")
    before = Video.objects.values().get()
    save(admin, video)
    assert Video.objects.values().get() == before


def test_an_edit_leaves_alone_what_a_scrape_wrote_meanwhile(channel: Channel) -> None:
    video = scraped(channel, view_count=1)
    scraped(channel, view_count=2)
    video.edit(title="Ours")
    assert Video.objects.get().view_count == 2


def test_what_the_videos_own_page_said_is_shown(admin: Client, channel: Channel) -> None:
    video = scraped(channel)
    Video.objects.update(
        details_at=timezone.now(),
        unavailable_reason="It is private.",
        chapters=[{"start": 0, "end": 9, "title": "x"}],
        caption_languages={"manual": ["de", "sl"], "automatic": []},
    )
    page = admin.get(f"{VIDEOS}{video.pk}/change/").content.decode()
    assert "It is private." in page
    assert "manual: de, sl" in page
    assert "not again by itself" not in page


def test_reading_pages_now_starts_one_job_for_the_selected_videos(admin: Client, channel: Channel) -> None:
    video = scraped(channel)
    assert "reads their pages." in act(admin, "read_pages", video)
    job = Job.objects.get()
    assert (job.type, [item.target for item in job.items.all()]) == ("video_details", [f"video:{video.pk}"])
    assert "reads their pages already" in act(admin, "read_pages", video)


def test_the_pages_of_deleted_videos_are_not_read(admin: Client, channel: Channel) -> None:
    video = scraped(channel)
    Video.objects.all().tombstone()
    data = {"action": "read_pages", "_selected_action": [video.pk]}
    assert "nothing to do" in admin.post(f"{VIDEOS}?deleted=yes", data, follow=True).content.decode()
    assert not Job.objects.exists()
