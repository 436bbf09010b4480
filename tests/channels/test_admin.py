"""Channels and jobs in the admin."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from channels.models import Channel, ChannelTab
from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, Status
from tests.builders import make_channel, make_entry, make_job, make_recorded_channel, make_tab
from videos.ingest import ingest
from videos.models import Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
CHANNELS = "/admin/channels/channel/"


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def act(admin: Client, path: str, action: str, *rows: Any) -> str:
    """Run an action on rows and return the page that follows."""
    answer = admin.post(path, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)
    return answer.content.decode()


def test_adding_a_channel_takes_its_address_alone_and_starts_a_job(admin: Client) -> None:
    page = admin.post(f"{CHANNELS}add/", {"address": "@kurzgesagt"}, follow=True).content.decode()
    job = Job.objects.get()
    assert f"/admin/automation/jobs/{job.pk}/" in page
    assert "being looked up" in page
    assert job.items.get().target == f"channel:{Channel.objects.get().pk}"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("nonsense", "is not an address"),
        ("http://10.0.0.1/x", "private network"),
        ("https://youtu.be/D0WQK7cMJn8", "one video, not a channel"),
    ],
)
def test_a_bad_address_is_explained_in_the_form(typed: str, words: str, admin: Client) -> None:
    page = admin.post(f"{CHANNELS}add/", {"address": typed}).content.decode()
    assert words in page
    assert not Channel.objects.exists()


def test_a_videos_channel_is_offered_and_followed_when_that_is_ticked(admin: Client) -> None:
    typed = {"address": "https://youtu.be/D0WQK7cMJn8"}
    assert "Follow the channel this video is in" in admin.post(f"{CHANNELS}add/", typed).content.decode()
    admin.post(f"{CHANNELS}add/", {**typed, "of_video": "on"})
    assert Channel.objects.get().url == "https://www.youtube.com/watch?v=D0WQK7cMJn8"


def test_a_channel_that_is_followed_already_is_recognised_in_another_form(admin: Client) -> None:
    make_recorded_channel("UCsXVk37bltHxD1rDPwtNM8Q")
    page = admin.post(f"{CHANNELS}add/", {"address": "youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q/videos"})
    assert "is followed already" in page.content.decode()
    assert Channel.objects.count() == 1


def test_the_list_shows_videos_times_and_the_last_error_in_words(admin: Client) -> None:
    channel = make_tab().channel
    ingest(channel, [make_entry() for _ in range(7)])
    Channel.objects.update(error_code="rate_limited", error_message="The site asks us to slow down.")
    page = admin.get(CHANNELS).content.decode()
    assert '<td class="field-videos">7</td>' in page
    assert "The site asks us to slow down." in page
    assert '<td class="field-last_scrape">never</td>' in page
    assert '<td class="field-next_scrape">due</td>' in page


def test_the_list_takes_as_many_statements_for_fifty_channels_as_for_one(
    admin: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for _ in range(50):
        make_tab()
    with django_assert_max_num_queries(9):
        admin.get(CHANNELS)


def test_scrape_now_starts_a_job_for_the_selected_channels(admin: Client) -> None:
    act(admin, CHANNELS, "scrape_now", make_tab().channel, make_tab().channel)
    assert Job.objects.get().total_items == 2


def test_scraping_what_is_being_read_says_so(admin: Client) -> None:
    channel = make_tab().channel
    act(admin, CHANNELS, "scrape_now", channel)
    assert "reads them already" in act(admin, CHANNELS, "scrape_now", channel)


def test_pause_and_resume_change_only_the_selected_channels(admin: Client) -> None:
    mine, other = make_channel(), make_channel()
    act(admin, CHANNELS, "pause", mine)
    assert list(Channel.objects.filter(is_active=False)) == [mine]
    act(admin, CHANNELS, "resume", mine, other)
    assert not Channel.objects.filter(is_active=False).exists()


def test_a_channels_own_page_shows_its_lists(admin: Client) -> None:
    tab = make_tab()
    ChannelTab.objects.update(error_message="No luck today.")
    assert "No luck today." in admin.get(f"{CHANNELS}{tab.channel.pk}/change/").content.decode()


def test_jobs_are_cancelled_and_retried_from_the_list(admin: Client) -> None:
    waiting, failed = make_job("tab:a"), make_job("tab:b")
    item = claim(failed.items.get().pk, worker="w")
    assert item
    finish(item, Status.FAILED, message="no luck")
    act(admin, "/admin/jobs/job/", "cancel_jobs", waiting)
    waiting.refresh_from_db()
    assert waiting.status == Status.CANCELLED
    act(admin, "/admin/jobs/job/", "retry_failed", failed)
    assert Job.objects.get(retry_of=failed).items.get().target == "tab:b"


def test_a_finished_job_cannot_be_cancelled_and_that_is_said(admin: Client) -> None:
    job = make_job()
    item = claim(job.items.get().pk, worker="w")
    assert item
    finish(item, Status.COMPLETED)
    assert "already completed" in act(admin, "/admin/jobs/job/", "cancel_jobs", job)


def test_a_deleted_video_leaves_a_tombstone_and_can_be_restored(admin: Client) -> None:
    channel = make_channel()
    ingest(channel, [make_entry("a")])
    video = Video.objects.get()
    admin.post(f"/admin/videos/video/{video.pk}/delete/", {"post": "yes"})
    assert ingest(channel, [make_entry("a")]).added == 0
    act(admin, "/admin/videos/video/?deleted=yes", "restore", video)
    assert Video.objects.in_catalogue().get() == video


@pytest.mark.parametrize("page", ["channels/channel", "jobs/job", "videos/video", "videos/category", "videos/tag"])
def test_every_list_of_the_admin_opens_and_searches(page: str, admin: Client) -> None:
    ingest(make_channel(), [make_entry()])
    make_job()
    assert admin.get(f"/admin/{page}/", {"q": "a"}).status_code == 200
