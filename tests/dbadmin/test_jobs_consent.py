"""To what somebody has agreed who allows losses: to what the dry run has shown, and to nothing else."""

from typing import Any

import pytest
from django.test import Client

from dbadmin.batch.start import start_change
from dbadmin.batch.wish import Wish
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, Outcome, What
from dbadmin.selection import Selection
from tests.dbadmin.fleets import add_database, execute, record, run, scan
from tests.dbadmin.pages import page

pytestmark = pytest.mark.django_db


def repair(fleet: Fleet, database_id: str, **fields: Any) -> DatabaseChange:
    wish = Wish(fleet.name, What.REPAIR, Selection(ids=(database_id,)), **fields)
    job = run(start_change(fleet, wish, requested_by="test", wake_workers=False).job)
    return DatabaseChange.objects.get(job_id=job.pk)


def test_the_latest_dry_run_counts_also_when_it_found_nothing_to_lose(fleet: Fleet, lossy: str) -> None:
    path = fleet.path_of(lossy)
    repair(fleet, lossy, dry_run=True, allow_destructive=True)
    execute(path, "DROP TABLE extra")
    assert repair(fleet, lossy, dry_run=True, allow_destructive=True).outcome == Outcome.UNCHANGED
    execute(path, "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    assert repair(fleet, lossy, allow_destructive=True).outcome == Outcome.UNCHANGED
    scan(fleet)
    assert "extra" in record(lossy).tables


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
