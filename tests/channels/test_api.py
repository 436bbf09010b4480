"""/api/channels and the jobs of channels."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from channels.models import Channel
from nisam.jobs.models import Job, JobItem
from tests.builders import make_channel, make_entry, make_recorded_channel, make_tab
from videos.ingest import ingest
from videos.models import Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def test_channels_are_listed_with_their_count_of_videos(client: Client) -> None:
    channel = make_channel(name="B")
    make_channel(name="A")
    make_channel(name="C", external_id=None)
    ingest(channel, [make_entry("a"), make_entry("b")])
    Video.objects.filter(external_id="b").tombstone()
    shown = client.get("/api/channels").json()
    assert [(row["name"], row["videoCount"]) for row in shown] == [("A", 0), ("B", 1)]


def test_the_number_of_statements_does_not_grow_with_the_channels(
    client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(10):
        make_channel()
    with django_assert_num_queries(1):
        client.get("/api/channels")


def listed(client: Client, **params: str) -> list[str]:
    answer = client.get("/api/channels", params)
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()]


def test_channels_are_chosen_by_platform_and_by_a_part_of_their_name(client: Client) -> None:
    make_channel(name="Music of the sea")
    make_channel(name="SEA LIFE", platform="tiktok")
    make_channel(name="100%")
    assert listed(client, search="sea") == ["Music of the sea", "SEA LIFE"]
    assert listed(client, search="%") == ["100%"]
    assert listed(client, platform="tiktok", search="sea") == ["SEA LIFE"]
    assert listed(client, platform="nothing") == []


def test_channels_are_ordered_by_name_by_number_of_videos_and_by_when_they_were_read(client: Client) -> None:
    now = timezone.now()
    a, b, _ = (make_channel(name=name, last_scraped_at=at) for name, at in (("a", now), ("b", None), ("c", now)))
    Channel.objects.filter(pk=a.pk).update(last_scraped_at=now - timedelta(days=1))
    ingest(a, [make_entry()])
    ingest(b, [make_entry(), make_entry()])
    assert listed(client) == listed(client, sort="name") == ["a", "b", "c"]
    assert listed(client, sort="videoCount") == ["b", "a", "c"]
    assert listed(client, sort="lastScraped") == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ({"sort": "age"}, "sort"),
        ({"limit": "101"}, "limit"),
        ({"search": "x" * 201}, "search"),
        ({"platform": "a\x00"}, "platform"),
        ({"kind": "video"}, "kind"),
    ],
)
def test_a_bad_parameter_is_named_with_what_it_takes(params: dict[str, str], parameter: str, client: Client) -> None:
    answer = client.get("/api/channels", params)
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, parameter)


def test_a_channel_nobody_knows_yet_is_shown_to_staff_alone(client: Client, admin_user: User) -> None:
    path = f"/api/channels/{make_channel(name='New', external_id=None).slug}"
    assert client.get(path).status_code == 404
    client.force_login(admin_user)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert listed(client) == []


def test_a_channel_is_found_by_id_and_by_slug(client: Client) -> None:
    channel = make_channel()
    assert client.get(f"/api/channels/{channel.pk}").json() == client.get(f"/api/channels/{channel.slug}").json()


def test_following_answers_at_once_and_starts_a_job(staff: Client) -> None:
    answer = staff.post("/api/channels", {"url": "@kurzgesagt"}, content_type="application/json")
    assert answer.status_code == 201
    assert Job.objects.get().pk.hex == answer.json()["jobId"].replace("-", "")
    assert Channel.objects.get().is_resolved is False


def test_following_a_known_channel_in_another_form_is_a_conflict(staff: Client) -> None:
    known = make_recorded_channel("UCsXVk37bltHxD1rDPwtNM8Q")
    typed = "m.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q/shorts"
    answer = staff.post("/api/channels", {"url": typed}, content_type="application/json")
    assert (answer.status_code, answer.json()["details"]) == (409, {"channelId": str(known.pk)})


@pytest.mark.parametrize("url", ["nonsense", "http://localhost/x", "https://youtu.be/D0WQK7cMJn8"])
def test_an_address_that_cannot_be_followed_is_a_422_in_words(url: str, staff: Client) -> None:
    answer = staff.post("/api/channels", {"url": url}, content_type="application/json")
    assert answer.status_code == 422
    assert len(answer.json()["error"]) > 20
    assert not Channel.objects.exists()


@pytest.mark.parametrize("body", ["{", "[]", '{"url": {"a": 1}}', "{}", '{"url": ""}'])
def test_a_broken_body_is_a_400_in_the_form_of_the_api(body: str, staff: Client) -> None:
    answer = staff.post("/api/channels", body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "code", "details"}


def test_writing_needs_a_login_and_staff(client: Client, django_user_model: type[User]) -> None:
    assert client.post("/api/channels", {"url": "@a"}, content_type="application/json").status_code == 401
    client.force_login(django_user_model.objects.create_user("visitor"))
    assert client.post("/api/channels", {"url": "@a"}, content_type="application/json").status_code == 403


def test_a_token_is_as_good_as_a_session(client: Client, admin_user: User) -> None:
    token = Token.objects.create(user=admin_user)
    path = f"/api/channels/{make_tab().channel.pk}/scrape"
    answer = client.post(path, {}, content_type="application/json", headers={"authorization": f"Token {token.key}"})
    assert answer.status_code == 202


def test_fifty_concurrent_requests_for_one_channel_start_one_job_and_point_to_it(admin_user: User) -> None:
    channel = make_tab().channel
    token = Token.objects.create(user=admin_user).key

    def ask(_: int) -> Any:
        try:
            headers = {"authorization": f"Token {token}"}
            return Client().post(
                f"/api/channels/{channel.pk}/scrape", {}, content_type="application/json", headers=headers
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))
    job = str(Job.objects.get().pk)
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 49
    assert {answer.json().get("id") or answer.json()["details"]["jobId"] for answer in answers} == {job}
    assert JobItem.objects.active().count() == 1


def test_pausing_and_the_interval_are_changed_by_patch(staff: Client) -> None:
    channel = make_channel()
    body = {"isActive": False, "intervalMinutes": 5}
    answer = staff.patch(f"/api/channels/{channel.pk}", body, content_type="application/json")
    channel.refresh_from_db()
    assert (answer.status_code, channel.is_active, channel.interval_minutes) == (200, False, 5)


def test_a_deleted_channel_is_gone_with_its_videos(staff: Client) -> None:
    channel = make_channel()
    ingest(channel, [make_entry()])
    assert staff.delete(f"/api/channels/{channel.pk}").status_code == 204
    assert not Video.objects.exists()


def test_a_job_is_read_cancelled_and_not_cancelled_twice(staff: Client) -> None:
    job = staff.post(f"/api/channels/{make_tab().channel.pk}/scrape", {}, content_type="application/json").json()
    path = f"/api/automation/jobs/{job['id']}"
    assert staff.get(path).json()["status"] == "pending"
    assert [item["status"] for item in staff.get(f"{path}/items").json()] == ["pending"]
    assert staff.post(f"{path}/cancel").json()["status"] == "cancelled"
    assert staff.post(f"{path}/cancel").status_code == 409
    assert staff.post(f"{path}/retry").json()["code"] == "NOTHING_TO_DO"


def test_a_job_that_does_not_exist_is_a_404(staff: Client) -> None:
    assert staff.get("/api/automation/jobs/00000000-0000-0000-0000-000000000000").status_code == 404
