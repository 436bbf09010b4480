"""To what somebody has agreed who allows losses: to what the dry run has shown, and to nothing else."""

from typing import Any

import pytest
from django.test import Client

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, Outcome, What
from dbadmin.selection import Selection
from nisam.jobs.models import Status as JobStatus
from tests.dbadmin.changes import change_job, outcomes
from tests.dbadmin.files import content
from tests.dbadmin.fleets import add_database, execute, record, run, scan
from tests.dbadmin.pages import page

pytestmark = pytest.mark.django_db


def repair(fleet: Fleet, database_id: str, what: What = What.REPAIR, **fields: Any) -> DatabaseChange:
    return DatabaseChange.objects.get(job_id=run(change_job(fleet, what, database_id, **fields)).pk)


def test_what_loses_rows_needs_consent_to_what_the_dry_run_showed(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    scan(fleet)
    wishes: dict[str, Any] = {"selection": Selection(ids=(database_id,)), "allow_destructive": True}
    run(change_job(fleet, What.REPAIR, database_id))
    assert content(fleet.path_of(database_id), "SELECT * FROM extra") == [(1,)]
    planned = run(change_job(fleet, dry_run=True, **wishes))
    assert [one["losses"] for one in planned.result["classes"].values()] == [{"extra": 1}]
    execute(fleet.path_of(database_id), "INSERT INTO extra VALUES (2)")
    stale = run(change_job(fleet, **wishes))
    assert (stale.status, DatabaseChange.objects.get(job_id=stale.pk).error_code) == (JobStatus.FAILED, "stale_plan")
    run(change_job(fleet, dry_run=True, **wishes))
    agreed = run(change_job(fleet, **wishes))
    assert outcomes(agreed) == {database_id: Outcome.CHANGED}
    assert "extra" not in record(database_id).tables


def test_the_latest_dry_run_counts_also_when_it_found_nothing_to_lose(fleet: Fleet, lossy: str) -> None:
    path = fleet.path_of(lossy)
    repair(fleet, lossy, dry_run=True, allow_destructive=True)
    execute(path, "DROP TABLE extra")
    assert repair(fleet, lossy, dry_run=True, allow_destructive=True).outcome == Outcome.UNCHANGED
    execute(path, "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    assert repair(fleet, lossy, allow_destructive=True).outcome == Outcome.UNCHANGED
    scan(fleet)
    assert "extra" in record(lossy).tables


@pytest.mark.parametrize(
    "later",
    [{}, {"what": What.MIGRATE, "to_version": 3, "dry_run": True}, {"to_version": 2, "dry_run": True}],
    ids=["a change", "of another kind", "to another version"],
)
def test_what_is_no_dry_run_of_the_same_change_takes_no_consent_away(
    fleet: Fleet, lossy: str, later: dict[str, Any]
) -> None:
    repair(fleet, lossy, to_version=3, dry_run=True, allow_destructive=True)
    repair(fleet, lossy, **{"to_version": 3, **later})
    assert repair(fleet, lossy, to_version=3, allow_destructive=True).outcome == Outcome.CHANGED
    assert "extra" not in record(lossy).tables


def test_a_dry_run_that_was_cancelled_takes_no_consent_away(fleet: Fleet, lossy: str) -> None:
    repair(fleet, lossy, dry_run=True, allow_destructive=True)
    cancelled = repair(fleet, lossy, dry_run=True, allow_destructive=True)
    DatabaseChange.objects.filter(pk=cancelled.pk).update(outcome=Outcome.CANCELLED, plan_hash="", report={})
    assert repair(fleet, lossy, allow_destructive=True).outcome == Outcome.CHANGED


def test_a_dry_run_that_is_blocked_is_no_consent_to_what_it_did_not_show(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1)
    path = fleet.path_of(database_id)
    execute(path, "UPDATE tracks SET lang = 'same', auto = 1", "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    scan(fleet)
    assert repair(fleet, database_id, dry_run=True, allow_destructive=True).report["blocked"]
    execute(path, "UPDATE tracks SET lang = lang || id")
    repair(fleet, database_id, allow_destructive=True)
    assert content(path, "SELECT * FROM extra") == [(1,)]


def test_what_loses_nothing_is_done_though_the_dry_run_did_not_show_it(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    repair(fleet, database_id, dry_run=True, allow_destructive=True)
    execute(fleet.path_of(database_id), "DROP VIEW languages")
    assert repair(fleet, database_id, allow_destructive=True).outcome == Outcome.CHANGED


@pytest.mark.parametrize("extra", ["CREATE TABLE extra (x)", "CREATE INDEX extra ON captions (body)"])
def test_what_is_beyond_a_version_and_holds_no_rows_goes_when_the_dry_run_showed_it(fleet: Fleet, extra: str) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), extra)
    scan(fleet)
    shown = repair(fleet, database_id, dry_run=True, allow_destructive=True)
    assert (shown.outcome, shown.report["losses"]) == (Outcome.PLANNED, {})
    assert repair(fleet, database_id, allow_destructive=True).outcome == Outcome.CHANGED
    assert record(database_id).flags == []


def test_rows_that_came_after_the_dry_run_stay_and_the_rest_is_done(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    path = fleet.path_of(database_id)
    execute(path, "CREATE TABLE extra (x)", "DROP VIEW languages")
    scan(fleet)
    repair(fleet, database_id, dry_run=True, allow_destructive=True)
    execute(path, "INSERT INTO extra VALUES (1)")
    assert repair(fleet, database_id, allow_destructive=True).outcome == Outcome.CHANGED
    assert content(path, "SELECT x FROM extra") == [(1,)]


def test_losses_are_not_allowed_before_a_dry_run_has_shown_them(fleet: Fleet, lossy: str) -> None:
    assert repair(fleet, lossy, allow_destructive=True).outcome == Outcome.UNCHANGED
    assert "extra" in record(lossy).tables


def test_what_was_agreed_to_and_is_done_already_is_no_stale_plan(fleet: Fleet, lossy: str) -> None:
    shown = repair(fleet, lossy, dry_run=True, allow_destructive=True).plan_hash
    assert repair(fleet, lossy, plan_hash=shown).outcome == Outcome.CHANGED
    assert repair(fleet, lossy, plan_hash=shown).outcome == Outcome.UNCHANGED


def test_the_history_tells_a_dry_run_from_a_change(fleet: Fleet, admin_client: Client) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    repair(fleet, database_id)
    repair(fleet, database_id, dry_run=True)
    told = admin_client.get(f"/api/admin/databases/{database_id}").json()["history"]
    assert [(one["dryRun"], one["outcome"]) for one in told] == [(True, "unchanged"), (False, "unchanged")]
    assert page(admin_client, f"database/{database_id}/").count("(dry run)") == 1


def test_a_dry_run_that_fails_is_no_failed_change_in_the_metrics(fleet: Fleet, admin_client: Client) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    execute(fleet.path_of(database_id), "UPDATE database_metadata SET schema_version = 99")
    assert repair(fleet, database_id, dry_run=True).error_code == "unknown_version"
    assert admin_client.get("/api/admin/databases/metrics").json()["mostFailing"] == []
