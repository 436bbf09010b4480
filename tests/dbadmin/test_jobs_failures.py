"""A failure is its own database's: bad files, busy files, a full disk."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from dbadmin.batch import choose, dry_run, work
from dbadmin.batch.carry_out import Done, carry_out, plan_of
from dbadmin.batch.items import changes_of
from dbadmin.batch.wish import Wish
from dbadmin.change.plan import Plan
from dbadmin.fleets import Fleet, get_fleet
from dbadmin.models import Alert, DatabaseChange, Outcome, What
from dbadmin.states import Status
from nisam.jobs.finish import finish
from nisam.jobs.models import LOST
from nisam.jobs.models import Status as JobStatus
from nisam.jobs.registry import get_job_type
from nisam.jobs.run import Run, StalledError
from nisam.jobs.start import retry
from tests.dbadmin.changes import change_job, choosing, incomplete, outcomes, stopped
from tests.dbadmin.disks import small_disk
from tests.dbadmin.files import REGISTRY_FOLDER, lose_pages_of, redefine
from tests.dbadmin.fleets import add_database, execute, record, run, scan
from tests.dbadmin.pages import page

pytestmark = pytest.mark.django_db


def test_a_failure_is_its_files_own(fleet: Fleet) -> None:
    ids = [incomplete(fleet) for _ in range(3)]
    scan(fleet)
    fleet.path_of(ids[1]).write_bytes(b"no database" * 1000)
    job = run(change_job(fleet))
    assert (job.status, job.updated, job.result["failed"]) == (JobStatus.COMPLETED, 2, {"not_a_database": 1})
    assert [record(one).status for one in ids] == [Status.CURRENT, Status.CORRUPT, Status.CURRENT]
    assert record(ids[1]).error_code == "not_a_database"
    assert set(Alert.objects.values_list("record__database_id", "kind")) == {(ids[1], "drift"), (ids[1], "failure")}
    assert job.items.get(error_code="databases_failed").error_message.startswith("1 of 3 databases failed")


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_damage_that_only_a_check_of_the_whole_file_meets_is_in_its_row_at_once(fleet: Fleet, is_dry_run: bool) -> None:
    damaged, other = add_database(fleet, version=1), add_database(fleet, version=1)
    lose_pages_of(fleet.path_of(damaged), "tracks")
    scan(fleet)
    assert record(damaged).status == Status.OUTDATED
    job = run(change_job(fleet, dry_run=is_dry_run))
    assert job.result["failed"] == {"corrupt": 1}
    assert (record(damaged).status, record(other).deep_checked_at) == (Status.CORRUPT, None)
    assert run(change_job(fleet, What.SALVAGE)).found == 1


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_a_schema_that_only_sqlite_can_read_fails_its_own_database(fleet: Fleet, is_dry_run: bool) -> None:
    odd, other = add_database(fleet), add_database(fleet)
    for path in map(fleet.path_of, (odd, other)):
        execute(path, "INSERT INTO captions_search (captions_search, rowid, body) VALUES ('delete', 1, 'body 1')")
    scan(fleet, deep=True)
    execute(fleet.path_of(odd), "CREATE TABLE extra (x)")
    redefine(fleet.path_of(odd), "extra", "(x)", "(x); `unclosed")
    job = run(change_job(fleet, dry_run=is_dry_run))
    assert outcomes(job) == {odd: Outcome.FAILED, other: Outcome.PLANNED if is_dry_run else Outcome.CHANGED}
    assert DatabaseChange.objects.get(outcome=Outcome.FAILED).error_code == "unreadable"


def fail_at(monkeypatch: pytest.MonkeyPatch, database_id: str, error: Exception) -> None:
    """Let what plans for a database and what changes it end with this error at one, and work as ever at the others."""

    def plan(fleet: Fleet, wish: Wish, about: str) -> Plan:
        if about == database_id:
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
    job = run(change_job(fleet, dry_run=is_dry_run))
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
    job = run(change_job(fleet))
    fleet.path_of(ids[0]).write_bytes(whole)
    again = run(retry(job, requested_by="test").job)
    assert (again.status, again.found, again.updated) == (JobStatus.COMPLETED, 1, 1)
    assert (record(ids[0]).status, record(ids[0]).error_code) == (Status.CURRENT, "")


def test_a_retry_tells_of_the_databases_that_it_is_about_and_of_no_other(fleet: Fleet, admin_client: Client) -> None:
    _, mended, still_bad = (incomplete(fleet) for _ in range(3))
    scan(fleet)
    whole = fleet.path_of(mended).read_bytes()
    for one in (mended, still_bad):
        fleet.path_of(one).write_bytes(b"no database" * 1000)
    job = run(change_job(fleet))
    fleet.path_of(mended).write_bytes(whole)
    again = run(retry(job, requested_by="test").job)
    assert again.error_message.startswith("1 of 2 databases failed; the first")
    assert set(changes_of(again).values_list("record__database_id", flat=True)) == {mended, still_bad}
    shown = page(admin_client, f"jobs/{again.pk}/")
    assert "1 changed, 0 needed nothing, 1 failed" in re.sub("<[^>]+>", "", shown)
    assert re.findall(r'database/([^/"]+)/"', shown[shown.index("Failed</h2>") :]) == [still_bad]


def test_a_retry_of_which_some_fail_again_says_how_many_of_its_databases(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(choose, "BATCH", 2)
    ids = [incomplete(fleet) for _ in range(4)]
    scan(fleet)
    whole = fleet.path_of(ids[0]).read_bytes()
    for one in (ids[0], ids[2], ids[3]):
        fleet.path_of(one).write_bytes(b"no database" * 1000)
    job = run(change_job(fleet))
    fleet.path_of(ids[0]).write_bytes(whole)
    with django_capture_on_commit_callbacks(execute=True):
        again = run(retry(job, requested_by="test").job)
    again.refresh_from_db()
    assert (again.status, again.error_message) == (JobStatus.COMPLETED, "2 of 3 databases failed.")


def test_a_retry_that_is_stopped_and_goes_on_does_nothing_twice(fleet: Fleet) -> None:
    ids = [incomplete(fleet) for _ in range(2)]
    scan(fleet)
    for one in ids:
        fleet.path_of(one).write_bytes(b"no database" * 1000)
    again = run(retry(run(change_job(fleet)), requested_by="test").job)
    again.items.update(status=JobStatus.PENDING)
    again = run(again)
    assert (again.items.get().done, again.result["failed"]) == (2, {"not_a_database": 2})


def test_how_many_databases_failed_is_not_said_of_a_job_whose_choosing_failed(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(choose, "BATCH", 2)
    ids = [incomplete(fleet) for _ in range(3)]
    scan(fleet)
    fleet.path_of(ids[0]).write_bytes(b"no database" * 1000)
    job = change_job(fleet)
    finish(choosing(job), JobStatus.FAILED, code=LOST, message="Gone.")
    with django_capture_on_commit_callbacks(execute=True):
        run(job)
    job.refresh_from_db()
    assert (job.status, job.error_message) == (JobStatus.COMPLETED, "2 of 3 targets failed.")


def test_a_job_of_which_nothing_is_done_goes_on_saying_why(
    fleet: Fleet, django_capture_on_commit_callbacks: Any
) -> None:
    broken = incomplete(fleet)
    scan(fleet)
    fleet.path_of(broken).write_bytes(b"no database" * 1000)
    with django_capture_on_commit_callbacks(execute=True):
        job = run(change_job(fleet, What.REPAIR, broken))
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert job.error_message.startswith("1 of 1 database failed; the first: ")


def test_a_locked_file_is_left_for_later_and_the_others_proceed(fleet: Fleet) -> None:
    ids = [incomplete(fleet) for _ in range(3)]
    scan(fleet)
    job = change_job(fleet)
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
    job = change_job(fleet)
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
    job = run(change_job(fleet, What.REPAIR, database_id))
    assert job.status == JobStatus.FAILED
    assert DatabaseChange.objects.get().error_code == "unknown_version"
    assert fleet.path_of(database_id).read_bytes() == before
    assert run(change_job(fleet)).found == 0


def test_a_full_disk_fails_the_database_and_leaves_its_file_as_it_is(tmp_path: Path, settings: Any) -> None:
    with small_disk(tmp_path) as disk:
        settings.FLEETS = {"captions": {**settings.FLEETS["captions"], "root": disk, "registry": REGISTRY_FOLDER}}
        fleet = get_fleet("captions")
        old = add_database(fleet, version=1)
        scan(fleet)
        path, status = fleet.path_of(old), os.statvfs(disk)
        before = path.read_bytes()
        (disk / "ballast").write_bytes(bytes(status.f_bavail * status.f_frsize - 8192))
        job = run(change_job(fleet, What.REPAIR, old))
        assert (job.status, outcomes(job)) == (JobStatus.FAILED, {old: Outcome.FAILED})
        assert DatabaseChange.objects.get(job_id=job.pk).error_code == "disk_full"
        assert path.read_bytes() == before
