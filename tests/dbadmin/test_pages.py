"""The operator's pages of a fleet: what they say, who may see them, and the way from a dry run to its job."""

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
from dbadmin.models import Alert, DatabaseChange, DatabaseRecord, SavedList
from nisam.jobs.models import Job
from tests.builders import make_channel, make_entry
from tests.dbadmin.files import content
from tests.dbadmin.fleets import add_database, execute, record, run, scan
from videos.ingest import ingest
from videos.models import Video

pytestmark = pytest.mark.django_db
BASE = "/admin/databases/captions/"


def page(client: Client, path: str = "", **query: Any) -> str:
    answer = client.get(f"{BASE}{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.text


def send(client: Client, path: str, **fields: Any) -> str:
    """Send a form and follow to the page that it leads to."""
    answer = client.post(f"{BASE}{path}", fields, follow=True)
    assert answer.redirect_chain
    assert answer.status_code == 200, answer.content
    return answer.text


def newest_job() -> Job:
    return Job.objects.order_by("-created_at").first()  # type: ignore[return-value]


def repair(database_id: str, **fields: Any) -> dict[str, Any]:
    """The fields of a form about one database."""
    return {"scope": "selected", "ids": database_id, "what": "repair", **fields}


@pytest.fixture
def lossy(fleet: Fleet) -> str:
    """A database with a row that no version has room for."""
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    scan(fleet)
    return database_id


def test_the_first_page_counts_each_state_and_leads_to_its_list(fleet: Fleet, admin_client: Client) -> None:
    add_database(fleet)
    old = add_database(fleet, version=1)
    scan(fleet)
    shown = page(admin_client)
    assert "1 of 2 databases need something." in shown
    assert f'href="{BASE}list/?status=outdated"' in shown
    assert old in page(admin_client, "list/", status="outdated")
    assert "1 database match" in page(admin_client, "list/", version="1")


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


def test_all_are_planned_for_before_they_are_repaired(fleet: Fleet, admin_client: Client) -> None:
    old = [add_database(fleet, version=1) for _ in range(2)]
    scan(fleet)
    send(admin_client, "change/", scope="all", what="repair", dry_run="on")
    job = run(newest_job())
    plan = page(admin_client, f"jobs/{job.pk}/")
    assert "2 databases: version 1 to 3" in plan
    assert "CREATE TABLE" in plan
    assert "Nothing is lost." in plan
    assert {record(one).version for one in old} == {1}
    link = re.search(r'list/(\?plan=\w+)"', plan)
    assert link
    assert re.findall(r'name="ids" value="([^"]+)"', page(admin_client, f"list/{link[1]}")) == sorted(old)
    send(admin_client, f"jobs/{job.pk}/carry-out/")
    done = run(newest_job())
    assert "2 changed, 0 needed nothing" in page(admin_client, f"jobs/{done.pk}/")
    assert {record(one).version for one in old} == {3}


def test_what_loses_rows_is_done_only_with_consent_to_that_very_plan(
    fleet: Fleet, lossy: str, admin_client: Client
) -> None:
    path = fleet.path_of(lossy)
    send(admin_client, "change/", **repair(lossy, dry_run="on", allow_destructive="on"))
    planned = run(newest_job())
    assert "1 row would be lost" in page(admin_client, f"jobs/{planned.pk}/")
    send(admin_client, f"jobs/{planned.pk}/carry-out/")
    run(newest_job())
    assert content(path, "SELECT * FROM extra") == [(1,)]
    execute(path, "INSERT INTO extra VALUES (2)")
    send(admin_client, f"jobs/{planned.pk}/carry-out/", consent="on")
    stale = run(newest_job())
    assert "stale_plan" in page(admin_client, f"jobs/{stale.pk}/")
    execute(path, "DELETE FROM extra WHERE x = 2")
    send(admin_client, f"jobs/{planned.pk}/carry-out/", consent="on")
    assert run(newest_job()).updated == 1
    assert "extra" not in record(lossy).tables


def test_consent_to_many_is_to_the_dry_run_that_was_shown_and_not_to_a_later_one(
    fleet: Fleet, lossy: str, admin_client: Client
) -> None:
    fields = {"scope": "all", "what": "repair", "dry_run": "on", "allow_destructive": "on"}
    send(admin_client, "change/", **fields)
    shown = run(newest_job())
    execute(fleet.path_of(lossy), "INSERT INTO extra VALUES (2)")
    send(admin_client, "change/", **fields)
    run(newest_job())
    send(admin_client, f"jobs/{shown.pk}/carry-out/", consent="on")
    run(newest_job())
    assert record(lossy).error_code == "stale_plan"
    assert content(fleet.path_of(lossy), "SELECT count(*) FROM extra") == [(2,)]


def test_what_is_no_finished_dry_run_is_not_carried_out(fleet: Fleet, lossy: str, admin_client: Client) -> None:
    send(admin_client, "change/", **repair(lossy, dry_run="on"))
    assert "There is no plan yet" in send(admin_client, f"jobs/{newest_job().pk}/carry-out/", consent="on")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scope": "selected", "what": "repair"}, "Nothing was selected"),
        ({"scope": "all", "what": "repair", "status": "well"}, "The filter makes no sense"),
        ({"scope": "all", "what": "repair", "title": "nothing"}, "No database matches."),
        ({"scope": "selected", "ids": "../x", "what": "repair"}, "cannot be the id"),
        ({"scope": "selected", "ids": "nothing", "what": "repair"}, "The fleet has no nothing"),
        ({"scope": "all", "what": "migrate"}, "Migrating needs toVersion"),
        ({"scope": "all", "what": "destroy"}, "is not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_said_and_starts_nothing(
    fields: dict[str, str], words: str, fleet: Fleet, admin_client: Client
) -> None:
    assert words in send(admin_client, "change/", **fields)
    assert not Job.objects.exists()


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


def test_a_selection_is_saved_and_shown_again(fleet: Fleet, lossy: str, admin_client: Client) -> None:
    add_database(fleet)
    scan(fleet)
    assert "1 databases are saved" in send(admin_client, "lists/save/", scope="all", flag="drifted", name="odd")
    saved = SavedList.objects.get()
    assert re.findall(r'name="ids" value="([^"]+)"', page(admin_client, "list/", list=saved.pk)) == [lossy]
    assert "A list is called" in send(admin_client, "lists/save/", scope="all", name="odd")
    assert "the fleet has no 1 of them: x" in send(admin_client, "lists/save/", pasted=f"{lossy}, x", name="pasted")


def test_one_database_tells_its_findings_its_history_and_its_snapshots(fleet: Fleet, admin_client: Client) -> None:
    old = add_database(fleet, version=1)
    scan(fleet)
    send(admin_client, "change/", **repair(old))
    run(newest_job())
    shown = page(admin_client, f"database/{old}/")
    assert "3 of 3" in shown
    assert "1 to 3" in shown
    snapshot = DatabaseChange.objects.get().snapshot
    confirm = page(admin_client, f"database/{old}/rollback/", snapshot=snapshot)
    assert f'name="snapshot" value="{snapshot}"' in confirm
    send(admin_client, "change/", **repair(old, what="rollback", snapshot=snapshot))
    run(newest_job())
    assert record(old).version == 1
    assert admin_client.get(f"{BASE}database/{old}/rollback/", {"snapshot": "../x"}).status_code == 404
    assert admin_client.get(f"{BASE}database/nothing/").status_code == 404


def test_a_corrupt_database_is_salvaged_with_a_report_per_table(fleet: Fleet, admin_client: Client) -> None:
    database_id = add_database(fleet, rows=500)
    path = fleet.path_of(database_id)
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])
    scan(fleet)
    assert 'value="salvage"' in page(admin_client, f"database/{database_id}/")
    send(admin_client, "change/", scope="all", status="corrupt", what="salvage", dry_run="on")
    run(newest_job())
    shown = page(admin_client, f"database/{database_id}/")
    assert "What was salvaged" in shown
    assert re.search(r"captions</bdi></th>\s*<td>(49[5-9]|500)</td>", shown)


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
