"""Likes and views."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from nisam.freshness.models import Version
from tests.builders import make_channel, make_entry
from videos.api.reactions import ReactionThrottle, video_of
from videos.ingest import ingest
from videos.merge_reactions import merge_reactions
from videos.models import Like, LikesChanged, Video, View
from videos.reactions import like, unlike, watched
from videos.trend import half_lives
from videos.visitors import COOKIE

# As a browser sends no body at all.
JSON = "application/json"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_was_counted() -> None:
    cache.clear()


@pytest.fixture
def video() -> Video:
    ingest(make_channel(), [make_entry("a", like_count=100)])
    return Video.objects.get()


def path(video: Video, action: str) -> str:
    return f"/api/videos/{video.pk}/{action}"


def version() -> str:
    return Version.objects.get(group="videos").token


def test_a_like_counts_once_beside_the_platforms(client: Client, video: Video) -> None:
    for _ in range(2):
        assert client.post(path(video, "like"), content_type=JSON).json() == {"success": True, "likesCount": 101}
    assert client.get(path(video, "like-status")).json() == {"isLiked": True, "likesCount": 101}


def test_a_like_is_taken_back_once(client: Client, video: Video) -> None:
    client.post(path(video, "like"), content_type=JSON)
    for _ in range(2):
        assert client.delete(path(video, "like")).json() == {"success": True, "likesCount": 100}
    assert client.get(path(video, "like-status")).json() == {"isLiked": False, "likesCount": 100}


def test_another_visitor_likes_on_his_own(client: Client, video: Video) -> None:
    client.post(path(video, "like"), content_type=JSON)
    other = Client()
    assert other.get(path(video, "like-status")).json() == {"isLiked": False, "likesCount": 101}
    assert other.post(path(video, "like"), content_type=JSON).json()["likesCount"] == 102


def test_a_user_likes_from_every_device_as_one(video: Video) -> None:
    user = User.objects.create_user("anna")
    devices = Client(), Client()
    for device in devices:
        device.force_login(user)
        device.post(path(video, "like"), content_type=JSON)
        assert COOKIE not in device.cookies
    assert Like.objects.get().visitor == f"user:{user.pk}"


def test_a_users_like_needs_the_csrf_token(video: Video) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("anna"))
    assert client.post(path(video, "like"), content_type=JSON).status_code == 403


def test_the_cookie_is_set_when_somebody_reacts_and_not_before(client: Client, video: Video) -> None:
    client.get(path(video, "like-status"))
    client.delete(path(video, "like"))
    assert COOKIE not in client.cookies
    client.post(path(video, "view"), content_type=JSON, secure=True)
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    assert cookie["max-age"] == 365 * 24 * 3600


def test_a_forged_cookie_is_nobodys(client: Client, video: Video) -> None:
    like(video.pk, "user:1")
    client.cookies[COOKIE] = "user:1"
    assert client.get(path(video, "like-status")).json()["isLiked"] is False


@pytest.mark.parametrize("action", ["view", "like"])
def test_what_visitors_are_told_is_kept_by_nobody(action: str, client: Client, video: Video) -> None:
    assert client.post(path(video, action), content_type=JSON)["Cache-Control"] == "private, no-store"
    assert client.get(path(video, "like-status"))["Cache-Control"] == "private, no-store"


def test_a_slug_names_the_video_too(client: Client, video: Video) -> None:
    assert client.post(f"/api/videos/{video.slug}/like", content_type=JSON).json()["likesCount"] == 101


@pytest.mark.parametrize("key", ["nothing", "00000000-0000-0000-0000-000000000000", "%00"])
def test_an_unknown_video_is_a_404(key: str, client: Client) -> None:
    answer = client.post(f"/api/videos/{key}/like", content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_deleted_video_is_a_404(client: Client, video: Video) -> None:
    Video.objects.all().tombstone()
    assert client.post(path(video, "view"), content_type=JSON).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["view", "like"])
def test_a_video_that_is_deleted_at_this_moment_is_a_404(
    action: str, client: Client, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found_too_late(key: str) -> Video:
        found = video_of(key)
        Video.objects.all().delete()
        return found

    monkeypatch.setattr("videos.api.reactions.video_of", found_too_late)
    assert client.post(path(video, action), content_type=JSON).status_code == 404


@pytest.mark.parametrize("body", ["{", "[" * 50_000, "\udcff"], ids=["broken", "deep", "not UTF-8"])
def test_a_broken_body_is_a_400(body: str, client: Client, video: Video) -> None:
    data = body.encode("utf-8", "surrogateescape")
    answer = client.post(path(video, "like"), data, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")


def test_a_body_that_is_too_large_is_a_400(client: Client, video: Video, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert client.post(path(video, "like"), b'"12345678"', content_type=JSON).status_code == 200
    assert client.post(path(video, "like"), b'"123456789"', content_type=JSON).status_code == 400


def test_who_reacts_too_often_is_told_when_to_come_back(
    client: Client, video: Video, clock: Callable[[str], Any]
) -> None:
    time = clock("2026-01-26T18:00:20Z")
    client.post(path(video, "view"), content_type=JSON)
    for _ in range(ReactionThrottle.allowed):
        client.post(path(video, "view"), content_type=JSON)
    refused = client.post(path(video, "view"), content_type=JSON)
    assert (refused.status_code, refused["Retry-After"]) == (429, "40")
    assert refused.json()["code"] == "TOO_MANY_REQUESTS"
    time.shift(40)
    assert client.post(path(video, "view"), content_type=JSON).status_code == 200


def test_a_view_counts_once_in_half_an_hour(client: Client, video: Video, clock: Callable[[str], Any]) -> None:
    time = clock("2026-01-26T18:00:00Z")
    for minutes in (0, 29, 1):
        time.shift(minutes * 60)
        assert client.post(path(video, "view"), content_type=JSON).json() == {"success": True, "likesCount": 100}
        merge_reactions()
    video.refresh_from_db()
    assert (video.own_views, video.total_views) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_reactions_change_no_version_until_they_are_merged(client: Client, video: Video) -> None:
    before = version()
    client.post(path(video, "like"), content_type=JSON)
    client.post(path(video, "view"), content_type=JSON)
    assert version() == before


@pytest.mark.django_db(transaction=True)
def test_a_merge_changes_the_version_once_and_an_idle_one_does_not(video: Video) -> None:
    like(video.pk, "anna")
    watched(video.pk, "anna")
    before = version()
    merge_reactions()
    after = version()
    assert after != before
    merge_reactions()
    assert version() == after
    video.refresh_from_db()
    assert (video.own_likes, video.own_views) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_like_that_was_taken_back_changes_no_version(video: Video) -> None:
    before = version()
    like(video.pk, "anna")
    unlike(video.pk, "anna")
    merge_reactions()
    assert version() == before
    assert not LikesChanged.objects.exists()


def test_views_raise_the_trend_by_their_number(video: Video, clock: Callable[[str], Any]) -> None:
    clock("2026-01-26T18:00:00Z")
    for visitor in range(8):
        watched(video.pk, f"v{visitor}")
    merge_reactions()
    video.refresh_from_db()
    assert video.trend == pytest.approx(3 + half_lives(timezone.now()))


def test_likes_alone_leave_the_trend(video: Video) -> None:
    like(video.pk, "anna")
    merge_reactions()
    video.refresh_from_db()
    assert (video.own_likes, video.trend) == (1, 0)


def test_counted_views_are_forgotten_when_nobody_can_send_them_again(video: Video, clock: Callable[[str], Any]) -> None:
    time = clock("2026-01-26T18:00:00Z")
    watched(video.pk, "anna")
    merge_reactions()
    assert View.objects.count() == 1
    time.shift(3600)
    merge_reactions()
    assert View.objects.count() == 0


def test_a_merge_goes_on_where_a_step_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videos.merge_reactions.VIDEOS_A_STEP", 2)
    ingest(make_channel(), [make_entry() for _ in range(5)])
    for number, video in enumerate(Video.objects.all()):
        (like if number % 2 else watched)(video.pk, "anna")
    assert merge_reactions() == 5
    assert sorted(Video.objects.values_list("own_views", "own_likes")) == [(0, 1)] * 2 + [(1, 0)] * 3


@pytest.mark.parametrize("number", [1, 30])
def test_the_number_of_statements_does_not_grow_with_the_videos(
    number: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    ingest(make_channel(), [make_entry() for _ in range(number)])
    for video in Video.objects.all():
        like(video.pk, "anna")
        watched(video.pk, "anna")
    with django_assert_num_queries(14 if connection.vendor == "sqlite" else 13):
        merge_reactions()


@pytest.mark.django_db(transaction=True)
def test_no_like_and_no_view_is_lost_or_counted_twice_while_merges_race() -> None:
    ingest(make_channel(), [make_entry() for _ in range(60)])
    ids, over = list(Video.objects.values_list("pk", flat=True)), threading.Event()

    def react(visitor: int) -> None:
        try:
            for video_id in ids:
                like(video_id, f"v{visitor}")
                watched(video_id, f"v{visitor}")
                if visitor % 2:
                    unlike(video_id, f"v{visitor}")
        finally:
            connection.close()

    def keep_merging() -> None:
        try:
            while not over.is_set():
                merge_reactions()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        merging = [pool.submit(keep_merging) for _ in range(2)]
        try:
            for visitor in [pool.submit(react, number) for number in range(6)]:
                visitor.result()
        finally:
            over.set()
        for merger in merging:
            merger.result()
    merge_reactions()
    assert set(Video.objects.values_list("own_likes", "own_views")) == {(3, 6)}


@pytest.mark.django_db(transaction=True)
def test_a_like_that_is_not_committed_yet_is_waited_for_and_counted(video: Video) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    like(video.pk, "first")  # the mark is there already

    def merging() -> None:
        try:
            merge_reactions()
        finally:
            connection.close()

    merger = threading.Thread(target=merging)
    with transaction.atomic():
        like(video.pk, "second")
        merger.start()
        merger.join(0.5)
        assert merger.is_alive()
    merger.join()
    video.refresh_from_db()
    assert video.own_likes == 2


@pytest.mark.django_db(transaction=True)
def test_a_video_that_somebody_else_writes_waits_for_the_next_merge(video: Video) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    watched(video.pk, "anna")

    def merging() -> None:
        try:
            merge_reactions()
        finally:
            connection.close()

    with transaction.atomic():
        Video.objects.select_for_update().get()
        merger = threading.Thread(target=merging)
        merger.start()
        merger.join(10)
        assert not merger.is_alive()
    assert Video.objects.get().own_views == 0
    merge_reactions()
    assert Video.objects.get().own_views == 1
