"""What a dry run of many finds out, and that it changes nothing."""

import pytest

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, Outcome, What
from dbadmin.progress import count_databases
from dbadmin.states import Status
from nisam.jobs.claim import claim
from nisam.jobs.models import Status as JobStatus
from nisam.jobs.registry import get_job_type
from nisam.jobs.run import Run
from tests.dbadmin.changes import change_job, incomplete, outcomes, stopped
from tests.dbadmin.fleets import add_database, execute, record, run, scan

pytestmark = pytest.mark.django_db


def test_a_dry_run_groups_the_plans_and_changes_nothing(fleet: Fleet) -> None:
    old = [add_database(fleet, version=1) for _ in range(3)]
    broken = incomplete(fleet)
    scan(fleet)
    before = {one: fleet.path_of(one).read_bytes() for one in (*old, broken)}
    job = run(change_job(fleet, dry_run=True))
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
    job = run(change_job(fleet, dry_run=True, allow_destructive=True))
    (found,) = job.result["classes"].values()
    assert (found["databases"], found["blockedDatabases"], found["destructive"]) == (2, 1, 1)
    assert (found["losses"], sum(found["blocked"].values())) == ({"extra": 1}, 2)


@pytest.mark.parametrize("is_one_of_many", [True, False])
def test_what_is_blocked_has_shown_no_losses_that_somebody_could_agree_to(fleet: Fleet, is_one_of_many: bool) -> None:
    lossy, blocked = (add_database(fleet, version=1) for _ in range(2))
    for one in (lossy, blocked):
        execute(fleet.path_of(one), "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    execute(fleet.path_of(blocked), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    for ids in [()] if is_one_of_many else [(lossy,), (blocked,)]:
        run(change_job(fleet, What.REPAIR, *ids, dry_run=True, allow_destructive=True))
    reports = dict(DatabaseChange.objects.values_list("record__database_id", "report"))
    assert {one: reports[one]["losses"] for one in reports} == {lossy: {"extra": 1}, blocked: {}}
    assert reports[blocked]["blocked"]


def test_what_is_blocked_is_counted_apart_from_what_would_be_changed(fleet: Fleet) -> None:
    add_database(fleet, version=1)
    execute(fleet.path_of(add_database(fleet, version=1)), "UPDATE tracks SET lang = 'same', auto = 1")
    scan(fleet)
    job = run(change_job(fleet, dry_run=True))
    assert (job.updated, job.result["planned"], job.result["blocked"]) == (1, 1, 1)
    assert (count_databases(job)["repaired"], count_databases(job)["failed"]) == (1, 1)


def test_the_log_says_how_many_cannot_be_changed(fleet: Fleet) -> None:
    job, ids = stopped(fleet, dry_run=True)
    fleet.path_of(ids[0]).write_bytes(b"no database" * 1000)
    attempt = Run(job.items.get(status=JobStatus.RUNNING))
    get_job_type(job.type).handler(attempt)
    assert attempt.outcome == "2 planned, 0 need nothing, 1 cannot be changed"


def test_what_a_dry_run_has_in_hand_is_shown_and_is_no_failure(fleet: Fleet) -> None:
    incomplete(fleet)
    scan(fleet)
    job = change_job(fleet, dry_run=True)
    claimed = claim(job.items.get().pk, worker="test")
    assert claimed
    attempt = Run(claimed)
    attempt._last_write = 0
    attempt.progress(1)
    shown = count_databases(job)
    assert (shown["processed"], shown["failed"]) == (1, 0)


def test_what_is_to_be_salvaged_would_not_be_changed(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1, rows=300)
    path = fleet.path_of(database_id)
    path.write_bytes(path.read_bytes()[:-4096] + b"\xff" * 4096)
    scan(fleet)
    assert record(database_id).status == Status.OUTDATED
    job = run(change_job(fleet, What.REPAIR, database_id, dry_run=True))
    assert (job.updated, job.result["failed"]) == (0, {"corrupt": 1})
    assert record(database_id).status == Status.CORRUPT
