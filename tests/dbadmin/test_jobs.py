"""Changing many databases: repair, migration, rollback, salvage, cancel."""

from typing import Any

import pytest

from dbadmin.batch.wish import BadWishError
from dbadmin.change.snapshots import Snapshots
from dbadmin.errors import InvalidIdError, UnknownDatabaseError, UnknownVersionError
from dbadmin.fleets import Fleet
from dbadmin.models import Alert, DatabaseChange, Outcome, What
from dbadmin.selection import Selection
from dbadmin.states import Status
from nisam.jobs.cancel import request_cancel
from nisam.jobs.models import Job, JobEvent
from nisam.jobs.models import Status as JobStatus
from nisam.jobs.run import CancelledRun, Run
from tests.dbadmin.changes import change_job, incomplete, lose_first_page, outcomes
from tests.dbadmin.files import content, redefine
from tests.dbadmin.fleets import add_database, execute, record, run, scan

pytestmark = pytest.mark.django_db


def test_a_repair_brings_everything_to_the_current_schema_and_the_rows_follow_at_once(fleet: Fleet) -> None:
    current, old, broken = add_database(fleet), add_database(fleet, version=1), incomplete(fleet)
    scan(fleet)
    job = run(change_job(fleet))
    assert (job.status, job.found, job.updated, job.skipped) == (JobStatus.COMPLETED, 2, 2, 0)
    assert outcomes(job) == {old: Outcome.CHANGED, broken: Outcome.CHANGED}, current
    assert {(record(one).status, record(one).version) for one in (current, old, broken)} == {(Status.CURRENT, 3)}
    assert content(fleet.path_of(old), "SELECT count(*) FROM captions") == [(3,)]


def test_what_was_done_is_in_the_history_and_in_the_log(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    scan(fleet)
    job = run(change_job(fleet, What.REPAIR, old))
    change = record(old).changes.history().get()
    assert (change.what, change.outcome, change.from_version, change.to_version) == ("repair", "changed", 1, 3)
    assert change.snapshot == Snapshots(fleet.snapshots_folder).of(old)[0].id
    event = JobEvent.objects.get(job=job, name="database_done")
    assert (event.data["databaseId"], event.data["outcome"]) == (old, "changed")


def test_one_that_needs_nothing_is_unchanged(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    job = run(change_job(fleet, What.REPAIR, database_id))
    assert (outcomes(job), job.updated, job.skipped) == ({database_id: Outcome.UNCHANGED}, 0, 1)


def test_a_migration_goes_up_and_down(fleet: Fleet) -> None:
    ids = [add_database(fleet, version=2) for _ in range(2)]
    scan(fleet)
    run(change_job(fleet, What.MIGRATE, to_version=3))
    assert {record(one).version for one in ids} == {3}
    run(change_job(fleet, What.MIGRATE, to_version=2, dry_run=True, allow_destructive=True))
    run(change_job(fleet, What.MIGRATE, to_version=2, allow_destructive=True))
    assert {(record(one).version, record(one).status) for one in ids} == {(2, Status.OUTDATED)}


def test_a_full_text_index_that_a_deep_check_found_damaged_is_built_again(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    path = fleet.path_of(database_id)
    execute(path, "INSERT INTO captions_search (captions_search, rowid, body) VALUES ('delete', 1, 'body 1')")
    scan(fleet, deep=True)
    assert record(database_id).flags == ["fts_damage"]
    planned = run(change_job(fleet, dry_run=True))
    assert [action["type"] for one in planned.result["classes"].values() for action in one["actions"]] == [
        "RebuildFts",
        "SetMetadata",
    ]
    job = run(change_job(fleet))
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
    job = run(change_job(fleet))
    assert (outcomes(job), record(database_id).flags) == ({database_id: Outcome.CHANGED}, [])
    assert len(content(path, f"{all_titles} WHERE start_ms = 9 AND lower(title) = 'other'")) == 1


def test_a_rollback_brings_the_snapshot_back(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1)
    scan(fleet)
    run(change_job(fleet, What.REPAIR, database_id))
    snapshot = record(database_id).changes.history().get().snapshot
    run(change_job(fleet, What.ROLLBACK, database_id, snapshot=snapshot))
    assert (record(database_id).version, record(database_id).status) == (1, Status.OUTDATED)
    assert content(fleet.path_of(database_id), "SELECT count(*) FROM tracks") == [(3,)]


def test_a_rollback_brings_back_a_file_that_is_gone(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1)
    scan(fleet)
    run(change_job(fleet, What.REPAIR, database_id))
    fleet.path_of(database_id).unlink()
    scan(fleet)
    assert record(database_id).missing_since
    snapshot = DatabaseChange.objects.get().snapshot
    job = run(change_job(fleet, What.ROLLBACK, database_id, snapshot=snapshot))
    assert outcomes(job) == {database_id: Outcome.CHANGED}
    assert (record(database_id).missing_since, record(database_id).version) == (None, 1)


def test_a_salvage_reports_per_table(fleet: Fleet) -> None:
    database_id = add_database(fleet, rows=500)
    lose_first_page(fleet.path_of(database_id))
    scan(fleet)
    assert record(database_id).status == Status.CORRUPT
    job = run(change_job(fleet, What.SALVAGE))
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
    job = change_job(fleet)
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
        change_job(fleet, what, **fields)
    assert not Job.objects.exists()


def test_a_change_costs_the_same_statements_for_each_file(fleet: Fleet, django_assert_max_num_queries: Any) -> None:
    for _ in range(10):
        incomplete(fleet)
    scan(fleet)
    job = change_job(fleet)
    with django_assert_max_num_queries(40 + 10 * 10):
        run(job)
