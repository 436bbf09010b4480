"""Changing many databases: dry run, consent, failures, busy files, cancel."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from dbadmin.batch import dry_run, work
from dbadmin.batch.carry_out import Done, carry_out, plan_of
from dbadmin.batch.start import start_change
from dbadmin.batch.wish import BadWishError, Wish
from dbadmin.change.plan import Plan
from dbadmin.change.snapshots import Snapshots
from dbadmin.errors import InvalidIdError, UnknownDatabaseError, UnknownVersionError
from dbadmin.fleets import Fleet, get_fleet
from dbadmin.models import Alert, DatabaseChange, DatabaseRecord, Outcome, What
from dbadmin.progress import count_databases
from dbadmin.selection import Selection
from dbadmin.states import Status
from dbadmin.tasks import prune_changes
from nisam.jobs.cancel import request_cancel
from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import LOST, Job, JobEvent
from nisam.jobs.models import Status as JobStatus
from nisam.jobs.registry import get_job_type
from nisam.jobs.run import CancelledRun, Run, StalledError
from nisam.jobs.start import retry
from tests.dbadmin.disks import small_disk
from tests.dbadmin.files import REGISTRY_FOLDER, content, redefine
from tests.dbadmin.fleets import add_database, execute, record, run, scan

pytestmark = pytest.mark.django_db


def make_job(fleet: Fleet, what: What = What.REPAIR, *ids: str, **fields: Any) -> Job:
    selection = Selection(ids=ids)
    wish = Wish(fleet.name, what, **{"selection": selection, **fields})
    return start_change(fleet, wish, requested_by="test", wake_workers=False).job


def incomplete(fleet: Fleet) -> str:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "DROP TABLE chapters")
    return database_id


def outcomes(job: Job) -> dict[str, str]:
    return dict(DatabaseChange.objects.filter(job_id=job.pk).values_list("record__database_id", "outcome"))


def test_a_repair_brings_everything_to_the_current_schema_and_the_rows_follow_at_once(fleet: Fleet) -> None:
    current, old, broken = add_database(fleet), add_database(fleet, version=1), incomplete(fleet)
    scan(fleet)
    job = run(make_job(fleet))
    assert (job.status, job.found, job.updated, job.skipped) == (JobStatus.COMPLETED, 2, 2, 0)
    assert outcomes(job) == {old: Outcome.CHANGED, broken: Outcome.CHANGED}, current
    assert {(record(one).status, record(one).version) for one in (current, old, broken)} == {(Status.CURRENT, 3)}
    assert content(fleet.path_of(old), "SELECT count(*) FROM captions") == [(3,)]


def test_what_was_done_is_in_the_history_and_in_the_log(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    scan(fleet)
    job = run(make_job(fleet, What.REPAIR, old))
    change = record(old).changes.history().get()
    assert (change.what, change.outcome, change.from_version, change.to_version) == ("repair", "changed", 1, 3)
    assert change.snapshot == Snapshots(fleet.snapshots_folder).of(old)[0].id
    event = JobEvent.objects.get(job=job, name="database_done")
    assert (event.data["databaseId"], event.data["outcome"]) == (old, "changed")


def test_one_that_needs_nothing_is_unchanged(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    job = run(make_job(fleet, What.REPAIR, database_id))
    assert (outcomes(job), job.updated, job.skipped) == ({database_id: Outcome.UNCHANGED}, 0, 1)


def test_a_migration_goes_up_and_down(fleet: Fleet) -> None:
    ids = [add_database(fleet, version=2) for _ in range(2)]
    scan(fleet)
    run(make_job(fleet, What.MIGRATE, to_version=3))
    assert {record(one).version for one in ids} == {3}
    run(make_job(fleet, What.MIGRATE, to_version=2, dry_run=True, allow_destructive=True))
    run(make_job(fleet, What.MIGRATE, to_version=2, allow_destructive=True))
    assert {(record(one).version, record(one).status) for one in ids} == {(2, Status.OUTDATED)}


def test_a_dry_run_groups_the_plans_and_changes_nothing(fleet: Fleet) -> None:
    old = [add_database(fleet, version=1) for _ in range(3)]
    broken = incomplete(fleet)
    scan(fleet)
    before = {one: fleet.path_of(one).read_bytes() for one in (*old, broken)}
    job = run(make_job(fleet, dry_run=True))
    classes = job.result["classes"]
    assert sorted(one["databases"] for one in classes.values()) == [1, 3]
    assert {record(one).plan_class for one in old} == {key for key, one in classes.items() if one["databases"] == 3}
    assert all(one["actions"][0]["sql"] for one in classes.values())
    assert {one: fleet.path_of(one).read_bytes() for one in before} == before
    assert set(outcomes(job).values()) == {Outcome.PLANNED}


def test_a_database_that_is_blocked_blocks_no_other_of_its_class(fleet: Fleet) -> None:
    good, bad = add_database(fleet, version=1), add_database(fleet, version=1)
    for one in (good, bad):
        execute(fleet.path_of(one), "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    execute(fleet.path_of(bad), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    job = run(make_job(fleet, dry_run=True, allow_destructive=True))
    (found,) = job.result["classes"].values()
    assert (found["databases"], found["blockedDatabases"], found["destructive"]) == (2, 1, 1)
    assert (found["losses"], sum(found["blocked"].values())) == ({"extra": 1}, 2)
    assert [change.report["losses"] for change in DatabaseChange.objects.order_by("id")] == [{"extra": 1}, {}]


def test_what_is_blocked_is_counted_apart_from_what_would_be_changed(fleet: Fleet) -> None:
    add_database(fleet, version=1)
    execute(fleet.path_of(add_database(fleet, version=1)), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    job = run(make_job(fleet, dry_run=True))
    assert (job.updated, job.result["planned"], job.result["blocked"]) == (1, 1, 1)
    assert (count_databases(job)["repaired"], count_databases(job)["failed"]) == (1, 1)


def test_what_a_dry_run_has_in_hand_is_shown_and_is_no_failure(fleet: Fleet) -> None:
    incomplete(fleet)
    scan(fleet)
    job = make_job(fleet, dry_run=True)
    claimed = claim(job.items.get().pk, worker="test")
    assert claimed
    attempt = Run(claimed)
    attempt._last_write = 0
    attempt.progress(1)
    shown = count_databases(job)
    assert (shown["processed"], shown["failed"]) == (1, 0)


def test_what_loses_rows_needs_consent_to_what_the_dry_run_showed(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    scan(fleet)
    wishes: dict[str, Any] = {"selection": Selection(ids=(database_id,)), "allow_destructive": True}
    run(make_job(fleet, What.REPAIR, database_id))
    assert content(fleet.path_of(database_id), "SELECT * FROM extra") == [(1,)]
    planned = run(make_job(fleet, dry_run=True, **wishes))
    assert [one["losses"] for one in planned.result["classes"].values()] == [{"extra": 1}]
    execute(fleet.path_of(database_id), "INSERT INTO extra VALUES (2)")
    stale = run(make_job(fleet, **wishes))
    assert (stale.status, DatabaseChange.objects.get(job_id=stale.pk).error_code) == (JobStatus.FAILED, "stale_plan")
    run(make_job(fleet, dry_run=True, **wishes))
    agreed = run(make_job(fleet, **wishes))
    assert outcomes(agreed) == {database_id: Outcome.CHANGED}
    assert "extra" not in record(database_id).tables


def test_a_full_text_index_that_a_deep_check_found_damaged_is_built_again(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    path = fleet.path_of(database_id)
    execute(path, "INSERT INTO captions_search (captions_search, rowid, body) VALUES ('delete', 1, 'body 1')")
    scan(fleet, deep=True)
    assert record(database_id).flags == ["fts_damage"]
    planned = run(make_job(fleet, dry_run=True))
    assert [action["type"] for one in planned.result["classes"].values() for action in one["actions"]] == [
        "RebuildFts",
        "SetMetadata",
    ]
    job = run(make_job(fleet))
    assert (outcomes(job), record(database_id).flags) == ({database_id: Outcome.CHANGED}, [])
    assert content(path, "SELECT rowid FROM captions_search WHERE captions_search MATCH 'body' ORDER BY 1") == [
        (1,), (2,), (3,)
    ]  # fmt: skip


def test_an_index_that_a_deep_check_found_damaged_is_built_again(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    path, all_titles = fleet.path_of(database_id), "SELECT title FROM chapters INDEXED BY chapters_start"
    redefine(path, "chapters_start", "lower(title)", "upper(title)")
    execute(path, "INSERT INTO chapters (title, start_ms) VALUES ('Other', 9)")
    redefine(path, "chapters_start", "upper(title)", "lower(title)")
    scan(fleet, deep=True)
    assert record(database_id).flags == ["index_damage"]
    job = run(make_job(fleet))
    assert (outcomes(job), record(database_id).flags) == ({database_id: Outcome.CHANGED}, [])
    assert len(content(path, f"{all_titles} WHERE start_ms = 9 AND lower(title) = 'other'")) == 1


def test_a_failure_is_its_files_own(fleet: Fleet) -> None:
    ids = [incomplete(fleet) for _ in range(3)]
    scan(fleet)
    fleet.path_of(ids[1]).write_bytes(b"no database" * 1000)
    job = run(make_job(fleet))
    assert (job.status, job.updated, job.result["failed"]) == (JobStatus.COMPLETED, 2, {"not_a_database": 1})
    assert [record(one).status for one in ids] == [Status.CURRENT, Status.CORRUPT, Status.CURRENT]
    assert record(ids[1]).error_code == "not_a_database"
    assert set(Alert.objects.values_list("record__database_id", "kind")) == {(ids[1], "drift"), (ids[1], "failure")}
    assert job.items.get(error_code="databases_failed").error_message.startswith("1 of 3 databases failed")


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_a_schema_that_only_sqlite_can_read_fails_its_own_database(fleet: Fleet, is_dry_run: bool) -> None:
    odd, other = add_database(fleet), add_database(fleet)
    for path in map(fleet.path_of, (odd, other)):
        execute(path, "INSERT INTO captions_search (captions_search, rowid, body) VALUES ('delete', 1, 'body 1')")
    scan(fleet, deep=True)
    execute(fleet.path_of(odd), "CREATE TABLE extra (x)")
    redefine(fleet.path_of(odd), "extra", "(x)", "(x); `unclosed")
    job = run(make_job(fleet, dry_run=is_dry_run))
    assert outcomes(job) == {odd: Outcome.FAILED, other: Outcome.PLANNED if is_dry_run else Outcome.CHANGED}


def fail_at(monkeypatch: pytest.MonkeyPatch, database_id: str, error: Exception) -> None:
    """Let what plans for a database and what changes it end with this error at one, and work as ever at the others."""

    def plan(fleet: Fleet, wish: Wish, about: DatabaseRecord) -> Plan:
        if about.database_id == database_id:
            raise error
        return plan_of(fleet, wish, about)

    def change(fleet: Fleet, wish: Wish, about: DatabaseChange, **options: Any) -> Done:
        if about.record.database_id == database_id:
            raise error
        return carry_out(fleet, wish, about, **options)

    monkeypatch.setattr(dry_run, "plan_of", plan)
    monkeypatch.setattr(work, "carry_out", change)


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_an_error_that_nobody_foresaw_is_its_files_own_and_is_logged(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, is_dry_run: bool
) -> None:
    ids = [incomplete(fleet) for _ in range(3)]
    scan(fleet)
    fail_at(monkeypatch, ids[1], KeyError("odd"))
    job = run(make_job(fleet, dry_run=is_dry_run))
    others = Outcome.PLANNED if is_dry_run else Outcome.CHANGED
    assert outcomes(job) == {ids[0]: others, ids[1]: Outcome.FAILED, ids[2]: others}
    change = DatabaseChange.objects.get(outcome=Outcome.FAILED)
    assert (change.error_code, change.error_message) == ("internal", "KeyError: 'odd'")
    assert job.result["failed"] == {"internal": 1}
    assert "raise error" in caplog.text


@pytest.mark.parametrize("is_dry_run", [True, False])
@pytest.mark.parametrize("error", [StalledError(), OperationalError("gone")], ids=["stalled", "catalogue away"])
def test_what_stops_the_job_or_the_catalogue_is_no_failure_of_a_database(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, error: Exception, is_dry_run: bool
) -> None:
    job, ids = stopped(fleet, dry_run=is_dry_run)
    fail_at(monkeypatch, ids[0], error)
    with pytest.raises(type(error)):
        get_job_type(job.type).handler(Run(job.items.get(status=JobStatus.RUNNING)))
    assert outcomes(job) == dict.fromkeys(ids, Outcome.PENDING)


def test_a_retry_is_of_what_failed(fleet: Fleet) -> None:
    ids = [incomplete(fleet) for _ in range(2)]
    scan(fleet)
    whole = fleet.path_of(ids[0]).read_bytes()
    fleet.path_of(ids[0]).write_bytes(b"no database" * 1000)
    job = run(make_job(fleet))
    fleet.path_of(ids[0]).write_bytes(whole)
    again = run(retry(job, requested_by="test").job)
    assert (again.status, again.found, again.updated) == (JobStatus.COMPLETED, 1, 1)
    assert (record(ids[0]).status, record(ids[0]).error_code) == (Status.CURRENT, "")


def test_a_locked_file_is_left_for_later_and_the_others_proceed(fleet: Fleet) -> None:
    ids = [incomplete(fleet) for _ in range(3)]
    scan(fleet)
    job = make_job(fleet)
    with closing(sqlite3.connect(fleet.path_of(ids[0]), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        run(job)
        assert outcomes(job) == {ids[0]: Outcome.PENDING, ids[1]: Outcome.CHANGED, ids[2]: Outcome.CHANGED}
        assert job.items.get(error_code="busy").status == JobStatus.PENDING
        writer.execute("ROLLBACK")
    job.items.update(available_at=job.created_at)
    assert run(job).status == JobStatus.COMPLETED
    assert set(outcomes(job).values()) == {Outcome.CHANGED}


def test_a_file_that_is_free_again_at_the_end_of_its_batch_is_done_with_it(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [incomplete(fleet) for _ in range(2)]
    scan(fleet)
    job = make_job(fleet)
    with closing(sqlite3.connect(fleet.path_of(ids[0]), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")

        def free_at_the_end(*arguments: Any, timeout: float, **options: Any) -> Done:
            if timeout == work.LAST_WAIT_SECONDS:
                writer.execute("ROLLBACK")
            return carry_out(*arguments, timeout=timeout, **options)

        monkeypatch.setattr(work, "carry_out", free_at_the_end)
        assert run(job).status == JobStatus.COMPLETED
    assert outcomes(job) == dict.fromkeys(ids, Outcome.CHANGED)
    assert not job.items.filter(failures__gt=0).exists()


def test_an_unknown_version_is_never_modified(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "UPDATE database_metadata SET schema_version = 99")
    scan(fleet)
    before = fleet.path_of(database_id).read_bytes()
    job = run(make_job(fleet, What.REPAIR, database_id))
    assert job.status == JobStatus.FAILED
    assert DatabaseChange.objects.get().error_code == "unknown_version"
    assert fleet.path_of(database_id).read_bytes() == before
    assert run(make_job(fleet)).found == 0


def test_a_rollback_brings_the_snapshot_back(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1)
    scan(fleet)
    run(make_job(fleet, What.REPAIR, database_id))
    snapshot = record(database_id).changes.history().get().snapshot
    run(make_job(fleet, What.ROLLBACK, database_id, snapshot=snapshot))
    assert (record(database_id).version, record(database_id).status) == (1, Status.OUTDATED)
    assert content(fleet.path_of(database_id), "SELECT count(*) FROM tracks") == [(3,)]


def test_a_salvage_reports_per_table(fleet: Fleet) -> None:
    database_id = add_database(fleet, rows=500)
    lose_first_page(fleet.path_of(database_id))
    scan(fleet)
    assert record(database_id).status == Status.CORRUPT
    job = run(make_job(fleet, What.SALVAGE))
    assert outcomes(job) == {database_id: Outcome.CHANGED}
    report = record(database_id).changes.history().get().report
    assert report["tables"]["captions"]["recovered"] >= 495
    assert record(database_id).status != Status.CORRUPT
    assert not Alert.objects.filter(kind="drift", acknowledged_at=None).exists()


# Looks after the second file is done: its own, that before the third, two inside that one.
@pytest.mark.parametrize("last_look", [2, 4])
def test_a_cancel_keeps_whole_what_is_done_and_leaves_the_rest_untouched(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, last_look: int
) -> None:
    ids = [incomplete(fleet) for _ in range(4)]
    scan(fleet)
    before = {one: fleet.path_of(one).read_bytes() for one in ids}
    job = make_job(fleet)
    check = Run.check
    looks = 0

    def cancel_in_the_middle(self: Run) -> None:
        nonlocal looks
        looks += DatabaseChange.objects.filter(outcome=Outcome.CHANGED).count() == 2
        if looks == last_look:
            raise CancelledRun
        check(self)

    monkeypatch.setattr(Run, "check", cancel_in_the_middle)
    with pytest.raises(CancelledRun):
        run(job)
    request_cancel(job, requested_by="test")
    states = [outcomes(job)[one] for one in ids]
    assert states == [Outcome.CHANGED, Outcome.CHANGED, Outcome.PENDING, Outcome.PENDING]
    assert [fleet.path_of(one).read_bytes() == before[one] for one in ids] == [False, False, True, True]
    assert not Snapshots(fleet.snapshots_folder).of(ids[2])


def test_a_file_that_a_killed_attempt_has_changed_is_not_changed_again(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1)
    scan(fleet)
    job = run(make_job(fleet, What.REPAIR, database_id))
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
    run(make_job(fleet, What.REPAIR, database_id, dry_run=True, allow_destructive=True))
    job = make_job(fleet, What.REPAIR, database_id, allow_destructive=True)
    DatabaseChange.objects.create(record=record(database_id), job_id=job.pk, what=What.REPAIR)
    # As if it had been killed between its snapshot and its commit to the file.
    Snapshots(fleet.snapshots_folder).take(path, database_id)
    job.items.update(attempt=1, cursor={"begun": True})
    run(job)
    assert outcomes(job) == {database_id: Outcome.CHANGED}
    assert content(path, "SELECT name FROM sqlite_schema WHERE name = 'notes'") == []


def stopped(fleet: Fleet, **fields: Any) -> tuple[Job, list[str]]:
    """A repair of three databases whose first batch is claimed by a worker that does nothing."""
    ids = [incomplete(fleet) for _ in range(3)]
    scan(fleet)
    job = make_job(fleet, **fields)
    choosing = claim(job.items.get().pk, worker="test")
    assert choosing
    get_job_type(job.type).handler(Run(choosing))
    finish(choosing, JobStatus.COMPLETED)
    assert claim(job.items.exclude(pk=choosing.pk).get().pk, worker="test")
    assert set(outcomes(job).values()) == {Outcome.PENDING}
    return job, ids


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


def lose_first_page(path: Path) -> None:
    """Damage a file so that it is corrupt."""
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_rollback_that_a_killed_attempt_has_finished_is_told_as_done(fleet: Fleet, journal_mode: str) -> None:
    database_id = add_database(fleet, version=1)
    path = fleet.path_of(database_id)
    execute(path, f"PRAGMA journal_mode = {journal_mode}")
    scan(fleet)
    run(make_job(fleet, What.REPAIR, database_id))
    snapshot = record(database_id).changes.history().get().snapshot
    job = run(make_job(fleet, What.ROLLBACK, database_id, snapshot=snapshot))
    # As if it had been killed between the copying and what is noted of it.
    snapshots = Snapshots(fleet.snapshots_folder)
    snapshots.note_after(snapshots.of(database_id)[0], "")
    DatabaseChange.objects.filter(job_id=job.pk).update(outcome=Outcome.PENDING, snapshot="", finished_at=None)
    job.items.update(status=JobStatus.PENDING)
    assert outcomes(run(job)) == {database_id: Outcome.CHANGED}
    assert (record(database_id).version, len(snapshots.of(database_id))) == (1, 2)


def test_a_salvage_that_a_killed_attempt_has_finished_is_told_as_what_it_did(fleet: Fleet) -> None:
    database_id = add_database(fleet, rows=50)
    lose_first_page(fleet.path_of(database_id))
    scan(fleet)
    job = run(make_job(fleet, What.SALVAGE, database_id))
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
    job = run(make_job(fleet, What.SALVAGE, database_id))
    # As if it had been killed just before the swap, and somebody had brought a sound copy back since.
    path.rename(path.with_name(f"{path.name}.part"))
    path.write_bytes(sound)
    DatabaseChange.objects.update(outcome=Outcome.PENDING, report={}, finished_at=None)
    job.items.update(status=JobStatus.PENDING)
    run(job)
    assert DatabaseChange.objects.get().outcome == Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("what", "fields", "error"),
    [
        (What.MIGRATE, {}, BadWishError),
        (What.MIGRATE, {"to_version": 99}, UnknownVersionError),
        (What.ROLLBACK, {}, BadWishError),
        (What.SALVAGE, {"dry_run": True}, BadWishError),
        (What.REPAIR, {"plan_hash": "x"}, BadWishError),
        (What.REPAIR, {"selection": Selection(ids=("../x",))}, InvalidIdError),
        (What.REPAIR, {"selection": Selection(ids=("abc",))}, UnknownDatabaseError),
    ],
)
def test_what_makes_no_sense_makes_no_job(fleet: Fleet, what: What, fields: dict[str, Any], error: type) -> None:
    with pytest.raises(error):
        make_job(fleet, what, **fields)
    assert not Job.objects.exists()


def test_a_change_costs_the_same_statements_for_each_file(fleet: Fleet, django_assert_max_num_queries: Any) -> None:
    for _ in range(10):
        incomplete(fleet)
    scan(fleet)
    job = make_job(fleet)
    with django_assert_max_num_queries(40 + 10 * 10):
        run(job)


def test_a_full_disk_fails_the_database_and_leaves_its_file_as_it_is(tmp_path: Path, settings: Any) -> None:
    with small_disk(tmp_path) as disk:
        settings.FLEETS = {"captions": {**settings.FLEETS["captions"], "root": disk, "registry": REGISTRY_FOLDER}}
        fleet = get_fleet("captions")
        old = add_database(fleet, version=1)
        scan(fleet)
        path, status = fleet.path_of(old), os.statvfs(disk)
        before = path.read_bytes()
        (disk / "ballast").write_bytes(bytes(status.f_bavail * status.f_frsize - 8192))
        job = run(make_job(fleet, What.REPAIR, old))
        assert (job.status, outcomes(job)) == (JobStatus.FAILED, {old: Outcome.FAILED})
        assert DatabaseChange.objects.get(job_id=job.pk).error_code == "disk_full"
        assert path.read_bytes() == before
