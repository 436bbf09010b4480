"""What a killed, cancelled or lost attempt left is found, told and settled."""

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from dbadmin.change.apply import apply
from dbadmin.change.snapshots import Snapshots
from dbadmin.change.state import content_state
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, Outcome, What
from dbadmin.opening import open_database
from dbadmin.selection import Selection
from dbadmin.tasks import prune_changes
from nisam.jobs.cancel import request_cancel
from nisam.jobs.finish import finish
from nisam.jobs.models import LOST
from nisam.jobs.models import Status as JobStatus
from nisam.jobs.start import retry
from tests.dbadmin.changes import change_job, lose_first_page, outcomes, stopped
from tests.dbadmin.files import content
from tests.dbadmin.fleets import add_database, execute, record, run, scan
from tests.dbadmin.pages import page

pytestmark = pytest.mark.django_db


def test_a_file_that_a_killed_attempt_has_changed_is_not_changed_again(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1)
    scan(fleet)
    job = run(change_job(fleet, What.REPAIR, database_id))
    snapshot = DatabaseChange.objects.get().snapshot
    # As if it had been killed between its commit to the file and that to the rows.
    DatabaseChange.objects.update(outcome=Outcome.PENDING, snapshot="", finished_at=None)
    job.items.update(status=JobStatus.PENDING)
    run(job)
    change = DatabaseChange.objects.get()
    assert (change.outcome, change.snapshot) == (Outcome.CHANGED, snapshot)
    assert len(Snapshots(fleet.snapshots_folder).of(database_id)) == 1


def test_a_consented_loss_that_a_killed_attempt_did_not_come_to_is_not_told_as_done(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    path = fleet.path_of(database_id)
    execute(path, "CREATE TABLE notes (note)", "INSERT INTO notes VALUES ('mine')")
    scan(fleet)
    run(change_job(fleet, What.REPAIR, database_id, dry_run=True, allow_destructive=True))
    job = change_job(fleet, What.REPAIR, database_id, allow_destructive=True)
    change = DatabaseChange.objects.create(record=record(database_id), job_id=job.pk, what=What.REPAIR)
    # As if it had been killed between its snapshot and its commit to the file.
    Snapshots(fleet.snapshots_folder).take(path, database_id, made_for=str(change.pk))
    job.items.update(attempt=1, cursor={"begun": True})
    run(job)
    assert outcomes(job) == {database_id: Outcome.CHANGED}
    assert content(path, "SELECT name FROM sqlite_schema WHERE name = 'notes'") == []


def test_what_another_job_did_meanwhile_is_not_told_as_the_work_of_one_that_was_killed(fleet: Fleet) -> None:
    job, ids = stopped(fleet)
    run(change_job(fleet, What.REPAIR, selection=Selection(search=ids[0])))
    job.items.filter(status=JobStatus.RUNNING).update(status=JobStatus.PENDING, attempt=1)
    run(job)
    assert outcomes(job) == {ids[0]: Outcome.UNCHANGED, ids[1]: Outcome.CHANGED, ids[2]: Outcome.CHANGED}


@pytest.mark.parametrize("is_noted", [False, True])
def test_what_was_killed_before_its_commit_and_done_by_another_is_told_as_the_others(
    fleet: Fleet, is_noted: bool
) -> None:
    database_id = add_database(fleet, version=1)
    path = fleet.path_of(database_id)
    scan(fleet)
    job = change_job(fleet, What.REPAIR, database_id)
    change = DatabaseChange.objects.create(record=record(database_id), job_id=job.pk, what=What.REPAIR)
    snapshots = Snapshots(fleet.snapshots_folder)
    own = snapshots.take(path, database_id, made_for=str(change.pk))
    apply(path, fleet.registry, snapshots)
    if is_noted:  # both would have come to the very same
        with closing(open_database(path)) as connection:
            snapshots.note_after(own, content_state(connection, path))
    job.items.update(attempt=1, cursor={"begun": True})
    assert outcomes(run(job)) == {database_id: Outcome.UNCHANGED}


def test_what_was_committed_before_another_change_is_told_as_done(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1)
    scan(fleet)
    job = run(change_job(fleet, What.MIGRATE, database_id, to_version=2))
    run(change_job(fleet, What.REPAIR, database_id))
    DatabaseChange.objects.filter(job_id=job.pk).update(outcome=Outcome.PENDING, snapshot="", finished_at=None)
    job.items.update(status=JobStatus.PENDING)
    assert outcomes(run(job)) == {database_id: Outcome.CHANGED}
    assert record(database_id).version == 3


def test_what_a_cancelled_job_did_not_come_to_is_cancelled_and_later_forgotten(
    fleet: Fleet, django_capture_on_commit_callbacks: Any
) -> None:
    job, ids = stopped(fleet)
    item = job.items.filter(status=JobStatus.RUNNING).get()
    with django_capture_on_commit_callbacks(execute=True):
        request_cancel(job, requested_by="test")
        finish(item, JobStatus.CANCELLED)
    assert outcomes(job) == dict.fromkeys(ids, Outcome.CANCELLED)
    assert record(ids[0]).changes.history().get().finished_at is not None
    prune_changes()
    assert len(outcomes(job)) == 3
    with time_machine.travel(timezone.now() + timedelta(days=settings.JOB_RETENTION_DAYS + 1)):
        prune_changes()
    assert outcomes(job) == {}


def test_what_an_item_that_was_lost_left_is_failed_and_can_be_retried(
    fleet: Fleet, django_capture_on_commit_callbacks: Any
) -> None:
    job, ids = stopped(fleet)
    with django_capture_on_commit_callbacks(execute=True):
        finish(job.items.filter(status=JobStatus.RUNNING).get(), JobStatus.FAILED, code=LOST, message="Gone.")
    assert outcomes(job) == dict.fromkeys(ids, Outcome.FAILED)
    change = record(ids[0]).changes.history().get()
    assert (change.error_code, change.error_message) == ("lost", "Gone.")
    job.refresh_from_db()
    run(retry(job, requested_by="test").job)
    assert outcomes(job) == dict.fromkeys(ids, Outcome.CHANGED)


def test_what_a_lost_item_of_a_dry_run_left_is_planned_by_its_retry(
    fleet: Fleet, admin_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    job, ids = stopped(fleet, dry_run=True)
    with django_capture_on_commit_callbacks(execute=True):
        finish(job.items.filter(status=JobStatus.RUNNING).get(), JobStatus.FAILED, code=LOST, message="Gone.")
    job.refresh_from_db()
    again = run(retry(job, requested_by="test").job)
    assert (again.found, again.updated, outcomes(job)) == (3, 3, dict.fromkeys(ids, Outcome.PLANNED))
    assert not DatabaseChange.objects.exclude(error_code="").exists()
    assert "3 would be changed" in page(admin_client, f"jobs/{again.pk}/")


def test_what_a_job_left_whose_end_nobody_was_told_is_settled_by_pruning(fleet: Fleet) -> None:
    job, ids = stopped(fleet)
    prune_changes()
    assert outcomes(job) == dict.fromkeys(ids, Outcome.PENDING)
    finish(job.items.filter(status=JobStatus.RUNNING).get(), JobStatus.FAILED, code=LOST, message="Gone.")
    prune_changes()
    assert outcomes(job) == dict.fromkeys(ids, Outcome.FAILED)


def test_what_a_deleted_job_left_is_settled_by_pruning(fleet: Fleet) -> None:
    job, ids = stopped(fleet)
    job.delete()
    prune_changes()
    assert [record(one).changes.get().outcome for one in ids] == [Outcome.CANCELLED] * 3


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_rollback_that_a_killed_attempt_has_finished_is_told_as_done(fleet: Fleet, journal_mode: str) -> None:
    database_id = add_database(fleet, version=1)
    path = fleet.path_of(database_id)
    execute(path, f"PRAGMA journal_mode = {journal_mode}")
    scan(fleet)
    run(change_job(fleet, What.REPAIR, database_id))
    snapshot = record(database_id).changes.history().get().snapshot
    job = run(change_job(fleet, What.ROLLBACK, database_id, snapshot=snapshot))
    # As if it had been killed between the copying and what is noted of it.
    snapshots = Snapshots(fleet.snapshots_folder)
    snapshots.note_after(snapshots.of(database_id)[0], "")
    DatabaseChange.objects.filter(job_id=job.pk).update(outcome=Outcome.PENDING, snapshot="", finished_at=None)
    job.items.update(status=JobStatus.PENDING)
    assert outcomes(run(job)) == {database_id: Outcome.CHANGED}
    assert (record(database_id).version, len(snapshots.of(database_id))) == (1, 2)


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_rollback_that_a_killed_attempt_has_finished_does_not_undo_what_was_written_since(
    fleet: Fleet, is_gone: bool
) -> None:
    database_id = add_database(fleet, version=1)
    path = fleet.path_of(database_id)
    scan(fleet)
    run(change_job(fleet, What.REPAIR, database_id))
    snapshot = record(database_id).changes.history().get().snapshot
    if is_gone:
        path.unlink()
    job = run(change_job(fleet, What.ROLLBACK, database_id, snapshot=snapshot, allow_destructive=True))
    told = DatabaseChange.objects.get(job_id=job.pk)
    execute(path, "CREATE TABLE later (x)")
    # As if it had been killed before the commit to the rows.
    DatabaseChange.objects.filter(pk=told.pk).update(outcome=Outcome.PENDING, snapshot="", report={}, finished_at=None)
    job.items.update(status=JobStatus.PENDING)
    run(job)
    change = DatabaseChange.objects.get(pk=told.pk)
    assert (change.outcome, change.snapshot, change.report) == (Outcome.CHANGED, told.snapshot, told.report)
    assert content(path, "SELECT count(*) FROM later") == [(0,)]


def test_a_salvage_that_a_killed_attempt_has_finished_is_told_as_what_it_did(fleet: Fleet) -> None:
    database_id = add_database(fleet, rows=50)
    lose_first_page(fleet.path_of(database_id))
    scan(fleet)
    job = run(change_job(fleet, What.SALVAGE, database_id))
    report = DatabaseChange.objects.get().report
    # As if it had been killed between the swap and the commit to the rows.
    DatabaseChange.objects.update(outcome=Outcome.PENDING, report={}, finished_at=None)
    job.items.update(status=JobStatus.PENDING)
    run(job)
    change = DatabaseChange.objects.get()
    assert (change.outcome, change.report, change.to_version) == (Outcome.CHANGED, report, 3)


def test_a_salvage_that_was_killed_before_its_swap_is_not_told_as_done(fleet: Fleet) -> None:
    database_id = add_database(fleet, rows=50)
    path = fleet.path_of(database_id)
    sound = path.read_bytes()
    lose_first_page(path)
    scan(fleet)
    job = run(change_job(fleet, What.SALVAGE, database_id))
    # As if it had been killed just before the swap, and somebody had brought a sound copy back since.
    path.rename(path.with_name(f"{path.name}.part"))
    path.write_bytes(sound)
    DatabaseChange.objects.update(outcome=Outcome.PENDING, report={}, finished_at=None)
    job.items.update(status=JobStatus.PENDING)
    run(job)
    assert DatabaseChange.objects.get().outcome == Outcome.UNCHANGED
