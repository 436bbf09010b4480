"""Hosts and replies in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from channels.models import ChannelTab
from scraping.models import Coverage, Host
from tests.builders import make_tab

pytestmark = pytest.mark.django_db
HOSTS, COVERAGE = "/admin/scraping/host/", "/admin/scraping/coverage/"
HOUR = timedelta(hours=1)


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def act(admin: Client, path: str, action: str, *rows: Any) -> str:
    """Run an action on rows and return the page that follows."""
    answer = admin.post(path, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)
    return answer.content.decode()


@pytest.mark.parametrize(
    ("moments", "words"),
    [
        ({}, "well"),
        ({"open_until": HOUR}, "resting until"),
        ({"open_until": -HOUR, "probe_until": HOUR}, "being probed"),
        ({"open_until": -HOUR}, "to be probed by the next request"),
    ],
)
def test_a_hosts_state_is_told_in_words(moments: dict[str, timedelta], words: str, admin: Client) -> None:
    Host.objects.create(name="example.org", **{name: timezone.now() + away for name, away in moments.items()})
    assert words in admin.get(HOSTS).content.decode()


def test_the_details_read_today_are_told_of_the_budget_and_yesterdays_do_not_count(admin: Client) -> None:
    today = timezone.now().date()
    Host.objects.create(name="a.org", details_day=today, details_count=7)
    Host.objects.create(name="b.org", details_day=today - timedelta(days=1), details_count=8)
    page = admin.get(HOSTS).content.decode()
    assert "7 of 2000" in page
    assert "0 of 2000" in page


def test_ask_again_now_lets_the_next_request_try_a_resting_host(admin: Client) -> None:
    host = Host.objects.create(name="example.org", open_until=timezone.now() + HOUR, times_opened=3)
    assert "1 to be asked again" in act(admin, HOSTS, "ask_again", host)
    host.refresh_from_db()
    assert host.admit(timezone.now(), interval=timedelta(0), burst=1) == timedelta(0)
    assert host.times_opened == 3


def test_a_host_that_is_well_stays_closed(admin: Client) -> None:
    host = Host.objects.create(name="example.org")
    assert "None of them was left alone" in act(admin, HOSTS, "ask_again", host)
    host.refresh_from_db()
    assert host.open_until is None


def test_coverage_is_told_in_percent(admin: Client) -> None:
    Coverage.objects.create(source="youtube/videos", field="title", usual=0.994, recent=0.31, broken_at=timezone.now())
    page = admin.get(COVERAGE).content.decode()
    assert "99%" in page
    assert "31%" in page
    assert "nothing is written" in page


def test_accepting_a_layout_forgets_the_source_and_reads_what_waited(admin: Client) -> None:
    later = timezone.now() + HOUR
    waiting = make_tab(error_code="layout_changed", failures=2, next_check_at=later)
    other = make_tab(waiting.channel, kind="shorts", error_code="layout_changed", next_check_at=later)
    sources = (("youtube/videos", "title"), ("youtube/videos", "view_count"), ("youtube/shorts", "title"))
    rows = [Coverage.objects.create(source=source, field=field, usual=1, recent=0) for source, field in sources]
    page = act(admin, COVERAGE, "accept", rows[0])
    assert "The layout of youtube/videos is accepted" in page
    assert "One list that waited for this is due now" in page
    assert list(Coverage.objects.values_list("source", flat=True)) == ["youtube/shorts"]
    assert list(ChannelTab.objects.due(timezone.now())) == [waiting]
    assert other.next_check_at == later


@pytest.mark.parametrize("path", [HOSTS, COVERAGE])
def test_rows_are_neither_added_changed_nor_deleted_by_hand(path: str, admin: Client) -> None:
    row: Any = Host(name="example.org") if path == HOSTS else Coverage(source="a/b", field="title", usual=1, recent=1)
    row.save()
    assert admin.get(f"{path}add/").status_code == 403
    assert admin.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    page = admin.get(f"{path}{row.pk}/change/").content.decode()
    assert 'name="_save"' not in page


def test_who_may_only_look_has_no_actions(client: Client, django_user_model: type[User]) -> None:
    staff = django_user_model.objects.create_user("staff", is_staff=True)
    permission, _ = Permission.objects.get_or_create(
        codename="view_host", content_type=ContentType.objects.get_for_model(Host), defaults={"name": "Can view host"}
    )
    staff.user_permissions.add(permission)
    client.force_login(staff)
    Host.objects.create(name="example.org")
    page = client.get(HOSTS).content.decode()
    assert "example.org" in page
    assert "Ask again now" not in page
