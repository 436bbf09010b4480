"""From a dry run on a page to its job: what it shows, what it asks, and what is refused."""

import re

import pytest
from django.test import Client

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.pages import jobs
from nisam.jobs.models import Job
from tests.dbadmin.files import content
from tests.dbadmin.fleets import add_database, execute, record, run, scan
from tests.dbadmin.pages import newest_job, page, repair, send

pytestmark = pytest.mark.django_db


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


def test_what_is_blocked_is_shown_apart_and_the_rest_is_carried_out(fleet: Fleet, admin_client: Client) -> None:
    good, bad = add_database(fleet, version=1), add_database(fleet, version=1)
    execute(fleet.path_of(bad), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    send(admin_client, "change/", scope="all", what="repair", dry_run="on")
    planned = run(newest_job())
    plan = page(admin_client, f"jobs/{planned.pk}/")
    assert "1 would be changed, 1 is blocked, 0 need nothing, 0 cannot be planned for" in re.sub("<[^>]+>", "", plan)
    assert "1 of 2 blocked" in plan
    assert "the rest loses nothing" in plan
    assert re.findall(r'database/([^/"]+)/"', plan[plan.index("Blocked</h2>") :]) == [bad]
    send(admin_client, f"jobs/{planned.pk}/carry-out/")
    run(newest_job())
    assert (record(good).version, record(bad).error_code) == (3, "blocked")


def test_of_many_that_are_blocked_the_first_are_named_and_the_rest_is_counted(
    fleet: Fleet, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "NAMED", 1)
    bad = [add_database(fleet, version=1) for _ in range(3)]
    for one in bad:
        execute(fleet.path_of(one), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    send(admin_client, "change/", scope="all", what="repair", dry_run="on")
    plan = page(admin_client, f"jobs/{run(newest_job()).pk}/")
    assert re.findall(r'database/([^/"]+)/"', plan) == bad[:1]
    assert "and 2 more, each with its reasons in its history" in plan


def test_what_would_be_lost_of_the_rest_is_shown_beside_what_is_blocked(
    fleet: Fleet, lossy: str, admin_client: Client
) -> None:
    bad = add_database(fleet, version=1)
    execute(fleet.path_of(bad), "UPDATE tracks SET lang = 'same', auto = 1", "CREATE TABLE extra (x)")
    execute(fleet.path_of(bad), "INSERT INTO extra VALUES (1)")
    scan(fleet)
    send(admin_client, "change/", scope="all", what="repair", dry_run="on", allow_destructive="on")
    plan = page(admin_client, f"jobs/{run(newest_job()).pk}/")
    assert plan[: plan.index("Blocked</h2>")].count("1 row would be lost") == 1
    assert re.findall(r'database/([^/"]+)/"', plan[plan.index("Would lose something</h2>") :]) == [lossy]
    assert "is lost in 1 database." in plan


def test_a_dry_run_that_counted_no_blocked_databases_yet_is_shown_as_blocked(
    fleet: Fleet, admin_client: Client
) -> None:
    execute(fleet.path_of(add_database(fleet, version=1)), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    send(admin_client, "change/", scope="all", what="repair", dry_run="on")
    job = run(newest_job())
    for one in job.result["classes"].values():
        del one["blockedDatabases"]
    del job.result["blocked"]
    job.save()
    plan = page(admin_client, f"jobs/{job.pk}/")
    assert "1 of 1 blocked" in plan
    assert "0 would be changed, 1 is blocked" in re.sub("<[^>]+>", "", plan)


def test_a_plan_keeps_its_numbers_when_the_rows_of_its_databases_are_deleted(
    fleet: Fleet, admin_client: Client
) -> None:
    ids = [add_database(fleet, version=1) for _ in range(3)]
    for one in ids[:2]:
        execute(fleet.path_of(one), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    send(admin_client, "change/", scope="all", what="repair", dry_run="on")
    job = run(newest_job())
    DatabaseRecord.objects.all().delete()
    assert "1 would be changed, 2 are blocked" in re.sub("<[^>]+>", "", page(admin_client, f"jobs/{job.pk}/"))


def test_a_plan_that_is_blocked_for_all_is_not_offered(fleet: Fleet, admin_client: Client) -> None:
    bad = add_database(fleet, version=1)
    execute(fleet.path_of(bad), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    send(admin_client, "change/", **repair(bad, dry_run="on"))
    plan = page(admin_client, f"jobs/{run(newest_job()).pk}/")
    assert "1 of 1 blocked" in plan
    assert "There is nothing to carry out" in plan
    assert "Carry it out" not in plan


def test_an_empty_table_that_a_plan_was_to_remove_is_removed_without_being_asked_about(
    fleet: Fleet, admin_client: Client
) -> None:
    empty = add_database(fleet)
    execute(fleet.path_of(empty), "CREATE TABLE extra (x)")
    scan(fleet)
    send(admin_client, "change/", **repair(empty, dry_run="on", allow_destructive="on"))
    planned = run(newest_job())
    assert "I agree" not in page(admin_client, f"jobs/{planned.pk}/")
    send(admin_client, f"jobs/{planned.pk}/carry-out/")
    run(newest_job())
    assert "extra" not in record(empty).tables


def test_what_is_empty_is_removed_also_where_other_databases_would_lose_something(
    fleet: Fleet, lossy: str, admin_client: Client
) -> None:
    empty = add_database(fleet)
    execute(fleet.path_of(empty), "CREATE TABLE hollow (x)")
    scan(fleet)
    send(admin_client, "change/", scope="all", what="repair", dry_run="on", allow_destructive="on")
    send(admin_client, f"jobs/{run(newest_job()).pk}/carry-out/")
    run(newest_job())
    assert ("hollow" in record(empty).tables, "extra" in record(lossy).tables) == (False, True)


def test_a_database_that_is_being_changed_otherwise_says_so(fleet: Fleet, lossy: str, admin_client: Client) -> None:
    send(admin_client, "change/", **repair(lossy))
    said = send(admin_client, "change/", **repair(lossy, dry_run="on", **{"from": lossy}))
    assert f"It is being changed already, by job {newest_job().pk} (repair): wait for its end" in said
    assert Job.objects.filter(type="database_repair").count() == 1


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
    assert re.search(r'captions</bdi></th>\s*<td data-label="recovered">(49[5-9]|500)</td>', shown)
