"""The operator's pages of a fleet: what they say, what they find, and who may see them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dbadmin.fleets import Fleet
from dbadmin.models import Alert, DatabaseRecord, SavedList
from tests.builders import make_channel, make_entry
from tests.dbadmin.fleets import add_database, execute, run, scan
from tests.dbadmin.pages import BASE, newest_job, page, repair, send
from videos.ingest import ingest
from videos.models import Video

pytestmark = pytest.mark.django_db


def test_the_first_page_counts_each_state_and_leads_to_its_list(fleet: Fleet, admin_client: Client) -> None:
    add_database(fleet)
    old = add_database(fleet, version=1)
    scan(fleet)
    shown = page(admin_client)
    assert "1 of 2 databases need something." in shown
    assert f'href="{BASE}list/?status=outdated"' in shown
    assert old in page(admin_client, "list/", status="outdated")
    assert "1 database match" in page(admin_client, "list/", version="1")


def test_the_first_page_counts_what_a_deep_check_found_and_leads_to_its_list(
    fleet: Fleet, admin_client: Client
) -> None:
    damaged, gone = add_database(fleet), add_database(fleet)
    for one in (damaged, gone):
        damage = "INSERT INTO captions_search (captions_search, rowid, body) VALUES ('delete', 1, 'body 1')"
        execute(fleet.path_of(one), damage)
    scan(fleet, deep=True)
    fleet.path_of(gone).unlink()
    scan(fleet)
    link = re.search(r'href="([^"]+)">1 fts damage</a>', page(admin_client))
    assert link
    found = admin_client.get(link[1]).text
    assert re.findall(r'name="ids" value="([^"]+)"', found) == [damaged]
    assert "fts damage (1)" in found
    for shown in (found, page(admin_client, f"database/{damaged}/")):
        assert '<span class="flag">fts damage</span>' in shown


def test_before_the_first_scan_nothing_is_claimed(fleet: Fleet, admin_client: Client) -> None:
    assert "Nobody has looked yet" in page(admin_client)


def test_the_admin_leads_to_the_databases(fleet: Fleet, admin_client: Client) -> None:
    assert 'href="/admin/databases/"' in admin_client.get("/admin/").text
    assert admin_client.get("/admin/databases/").status_code == 200
    assert admin_client.get("/admin/databases/nothing/").status_code == 404


def test_a_scan_is_started_and_shown_until_it_has_ended(fleet: Fleet, admin_client: Client) -> None:
    add_database(fleet)
    assert "pending" in send(admin_client, "scan/")
    assert ">scanning</span>" in page(admin_client)
    assert "works on it already" in send(admin_client, "scan/")
    job = run(newest_job())
    assert "1 databases were looked at: 1 new" in page(admin_client, f"jobs/{job.pk}/")
    assert f"/admin/automation/jobs/{job.pk}/" in page(admin_client, f"jobs/{job.pk}/")


def test_alerts_are_shown_until_they_are_acknowledged(fleet: Fleet, admin_client: Client) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    execute(fleet.path_of(database_id), "DROP TABLE chapters")
    scan(fleet)
    alert = Alert.objects.get()
    assert "1 open" in page(admin_client)
    assert "0 open" in send(admin_client, f"alerts/{alert.pk}/acknowledge/")
    alert.refresh_from_db()
    assert alert.acknowledged_by == "admin"


def test_who_may_not_change_databases_sees_their_alerts(fleet: Fleet, client: Client) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    execute(fleet.path_of(database_id), "DROP TABLE chapters")
    scan(fleet)
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(_permission("view_databaserecord"))
    client.force_login(viewer)
    shown = page(client, f"database/{database_id}/")
    assert Alert.objects.get().message.partition("'")[0] in shown
    assert "acknowledge" not in shown


def test_the_list_finds_by_flag_id_and_video(fleet: Fleet, lossy: str, admin_client: Client) -> None:
    ingest(make_channel(), [make_entry(title="The Egg")])
    video = Video.objects.get()
    add_database(fleet, str(video.pk))
    scan(fleet)
    assert re.findall(r'name="ids" value="([^"]+)"', page(admin_client, "list/", flag="drifted")) == [lossy]
    assert re.findall(r'name="ids" value="([^"]+)"', page(admin_client, "list/", search=lossy[:20])) == [lossy]
    found = page(admin_client, "list/", title="egg")
    assert re.findall(r'name="ids" value="([^"]+)"', found) == [str(video.pk)]
    assert "The Egg" in found
    send(admin_client, "scan/", scope="all", title="egg")
    assert newest_job().options["selection"]["ids"] == [str(video.pk)]


def test_the_list_finds_what_is_gone_by_flag_only_where_it_is_asked_for(
    fleet: Fleet, lossy: str, admin_client: Client
) -> None:
    fleet.path_of(lossy).unlink()
    scan(fleet)
    found = [page(admin_client, "list/", flag="drifted", **more) for more in ({}, {"status": "missing"})]
    assert [re.findall(r'name="ids" value="([^"]+)"', shown) for shown in found] == [[], [lossy]]


def test_the_list_goes_on_where_its_page_ends(fleet: Fleet, admin_client: Client) -> None:
    fields = {"fleet": "captions", "shard": "aa", "status": "current", "scanned_at": timezone.now()}
    rows = [DatabaseRecord(database_id=f"aa{number:03}", **fields) for number in range(60)]
    DatabaseRecord.objects.bulk_create(rows)
    first = page(admin_client, "list/", sort="id")
    assert first.count('name="ids"') == 50
    further = re.search(r'rel="next" href="([^"]+)"', first)
    assert further
    second = admin_client.get(f"{BASE}list/{further[1]}".replace("&amp;", "&")).text
    assert second.count('name="ids"') == 10
    assert 'rel="prev"' in second
    answer = admin_client.get(f"{BASE}list/", {"cursor": "x", "sort": "id"})
    assert answer.headers["Location"] == f"{BASE}list/?sort=id"


@pytest.mark.parametrize("query", [{}, {"version": "2"}, {"search": "0"}])
def test_what_matches_is_what_all_that_match_are_whose_file_is_there(
    query: dict[str, str], fleet: Fleet, admin_client: Client
) -> None:
    for _ in range(3):
        gone = add_database(fleet, version=2)
    scan(fleet)
    fleet.path_of(gone).unlink()
    scan(fleet)
    assert "all 2 that match" in page(admin_client, "list/", **query)
    send(admin_client, "lists/save/", scope="all", name="these", **query)
    assert SavedList.objects.get().databases.count() == 2


def test_a_selection_is_saved_and_shown_again(fleet: Fleet, lossy: str, admin_client: Client) -> None:
    add_database(fleet)
    scan(fleet)
    assert "1 databases are saved" in send(admin_client, "lists/save/", scope="all", flag="drifted", name="odd")
    saved = SavedList.objects.get()
    assert re.findall(r'name="ids" value="([^"]+)"', page(admin_client, "list/", list=saved.pk)) == [lossy]
    assert "A list is called" in send(admin_client, "lists/save/", scope="all", name="odd")
    assert "the fleet has no 1 of them: x" in send(admin_client, "lists/save/", pasted=f"{lossy}, x", name="pasted")


def test_the_comparison_marks_in_words_what_differs_and_shows_the_way_as_sql(
    fleet: Fleet, admin_client: Client
) -> None:
    broken, whole = add_database(fleet), add_database(fleet)
    execute(fleet.path_of(broken), "DROP TABLE chapters", "CREATE TABLE extra (x)")
    scan(fleet)
    own = page(admin_client, f"database/{broken}/diff/")
    assert "missing from this database" in own
    assert "only in this database" in own
    assert "CREATE TABLE" in own
    other = page(admin_client, f"database/{broken}/diff/", against=whole)
    assert "missing here" in other
    assert "No difference to" in page(admin_client, f"database/{whole}/diff/")
    assert "The fleet has no x" in page(admin_client, f"database/{whole}/diff/", against="x")


def test_what_a_database_is_called_and_says_is_text_and_no_markup(fleet: Fleet, admin_client: Client) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), 'CREATE TABLE "<b>bold" (x)')
    scan(fleet)
    for path in (f"database/{database_id}/", f"database/{database_id}/diff/"):
        assert "<b>bold" not in page(admin_client, path)
        assert "&lt;b&gt;bold" in page(admin_client, path)


def test_the_pages_are_for_staff_who_may_see_databases_and_the_forms_for_those_who_may_change_them(
    fleet: Fleet, client: Client
) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    paths = [
        "",
        "list/",
        "lists/",
        f"jobs/{newest_job().pk}/",
        f"database/{database_id}/",
        f"database/{database_id}/diff/",
    ]
    clerk = User.objects.create_user("clerk", is_staff=True)
    for user, status in ((User.objects.create_user("visitor"), 302), (clerk, 403)):
        client.force_login(user)
        assert {client.get(f"{BASE}{path}").status_code for path in paths} == {status}
    clerk.user_permissions.add(_permission("view_databaserecord"))
    assert {client.get(f"{BASE}{path}").status_code for path in paths} == {200}
    assert "Scan now" not in page(client)
    for path in ("scan/", "change/", "lists/save/"):
        assert client.post(f"{BASE}{path}").status_code == 403


def _permission(codename: str) -> Permission:
    kind = ContentType.objects.get_for_model(DatabaseRecord)
    return Permission.objects.get_or_create(content_type=kind, codename=codename)[0]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("list/", {"status": "well"}, 400),
        ("list/", {"search": "\x00"}, 400),
        ("list/", {"version": "9" * 5000}, 400),
        ("list/", {"sort": "x"}, 404),
        ("list/", {"cursor": "\x00"}, 302),
        ("", {"period": "ever"}, 200),
        ("database/{}/diff/", {"version": "9" * 5000}, 200),
        ("database/{}/diff/", {"version": "99"}, 200),
        ("database/{}/diff/", {"against": "\x00"}, 200),
        ("database/{}/rollback/", {"snapshot": "\x00"}, 404),
    ],
)
def test_odd_addresses_are_answered_in_words(
    path: str, query: dict[str, str], status: int, fleet: Fleet, admin_client: Client
) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    assert admin_client.get(f"{BASE}{path.format(database_id)}", query).status_code == status


def test_odd_forms_are_answered_in_words(fleet: Fleet, admin_client: Client) -> None:
    assert "Paste the ids" in send(admin_client, "lists/save/", pasted="\x00", name="x")
    assert "Give the list a name" in send(admin_client, "lists/save/", scope="all", name="\x00")
    assert "cannot be the id" in send(admin_client, "change/", **repair("\x00", **{"from": "\x00/../x"}))


def test_another_fleet_is_chosen_at_the_top(fleet: Fleet, admin_client: Client, settings: Any) -> None:
    assert "fleet-choice" not in page(admin_client)
    settings.FLEETS = {**settings.FLEETS, "another": settings.FLEETS["captions"]}
    assert 'href="/admin/databases/another/"' in page(admin_client)
    assert admin_client.get("/admin/databases/another/").status_code == 200


@pytest.mark.parametrize(("path", "statements"), [("", 13), ("list/", 7)])
def test_the_number_of_statements_does_not_grow(
    path: str, statements: int, fleet: Fleet, admin_client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(2):
        for _ in range(3):
            add_database(fleet, version=1)
        scan(fleet)
        page(admin_client)  # counts what has changed
        with django_assert_num_queries(statements):
            page(admin_client, path)


def test_every_address_has_one_name(fleet: Fleet) -> None:
    assert reverse("fleets") == "/admin/databases/"
    assert reverse("fleet_list", args=["captions"]) == f"{BASE}list/"
