"""What a scan writes into the rows: nothing older, nothing less thorough, whatever names there are."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from dbadmin.batch.failure import Failure
from dbadmin.batch.keep import keep as write_down
from dbadmin.fleets import Fleet
from dbadmin.models import Alert, DatabaseChange, DatabaseRecord, What
from dbadmin.opening import BUSY_SECONDS
from dbadmin.scan.read import Reading, read
from dbadmin.scan.start import start_scan
from dbadmin.scan.store import mark_stale, store
from dbadmin.scan.upsert import upsert
from dbadmin.states import Flag, Status
from nisam.jobs.claim import claim
from nisam.jobs.models import Status as JobStatus
from nisam.jobs.run import Run, Step
from tests.dbadmin.fleets import add_database, execute, record, scan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    """An hour from now: what the test makes is settled, though no ctime can be set."""
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        yield


def read_now(fleet: Fleet, database_id: str) -> Reading:
    found = read(fleet, database_id, record(database_id))
    assert found
    return found


def keep(fleet: Fleet, reading: Reading | None) -> None:
    assert reading
    with transaction.atomic():
        upsert(fleet, [reading])


def test_a_reading_that_knows_an_older_deep_check_does_not_clear_what_the_latest_found(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet, deep=True)
    known = record(database_id)
    execute(fleet.path_of(database_id), "UPDATE chapters SET caption_id = 999")
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        scan(fleet, deep=True)
        keep(fleet, read(fleet, database_id, known))
    assert record(database_id).flags == [Flag.FK_VIOLATIONS]


@pytest.mark.parametrize("deep", [False, True])
def test_a_row_that_a_wrong_clock_has_dated_ahead_is_brought_up_to_date(fleet: Fleet, deep: bool) -> None:
    database_id = add_database(fleet)
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        scan(fleet, deep=deep)
    execute(fleet.path_of(database_id), "DROP TRIGGER captions_deleted")
    assert scan(fleet).updated == 1
    assert record(database_id).status == Status.INCOMPLETE
    assert record(database_id).scanned_at <= timezone.now()


def test_a_deep_check_that_a_wrong_clock_has_dated_ahead_keeps_its_findings_from_who_does_not_know_of_it(
    fleet: Fleet,
) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    known = record(database_id)
    execute(fleet.path_of(database_id), "UPDATE chapters SET caption_id = 999")
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        scan(fleet, deep=True)
    keep(fleet, read(fleet, database_id, known))
    assert record(database_id).flags == [Flag.FK_VIOLATIONS]
    keep(fleet, read(fleet, database_id, known, deep=True))
    assert record(database_id).deep_checked_at <= timezone.now()  # type: ignore[operator]


def test_a_file_whose_deep_check_a_wrong_clock_has_dated_ahead_is_checked_again(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        scan(fleet, deep=True)
    scan(fleet, deep=True)
    assert record(database_id).deep_checked_at <= timezone.now()  # type: ignore[operator]


def test_what_was_not_written_because_the_row_is_newer_does_not_count_as_updated(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    known = {database_id: record(database_id)}
    reading = read_now(fleet, database_id)
    keep(fleet, read_now(fleet, database_id))
    step = Step({})
    with transaction.atomic():
        store(step, fleet, [reading], known)
    assert (step.found, step.updated, step.skipped) == (1, 0, 1)


def test_a_plan_that_was_made_during_a_scan_stays_until_the_schema_is_another(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=1)
    scan(fleet)
    reading = read_now(fleet, database_id)
    DatabaseRecord.objects.update(plan_class="planned")
    keep(fleet, reading)
    assert record(database_id).plan_class == "planned"
    execute(fleet.path_of(database_id), "CREATE TABLE extra (x)")
    keep(fleet, read_now(fleet, database_id))
    assert record(database_id).plan_class == ""


def test_a_shard_that_can_be_walked_again_is_stale_no_more(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    with transaction.atomic():
        mark_stale(Step({}), fleet.name, database_id[:2], "It cannot be read.")
    assert record(database_id).flags == [Flag.STALE]
    scan(fleet)
    assert record(database_id).flags == []


def test_a_database_in_whose_place_a_symlink_is_now_is_gone(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    folder = fleet.path_of(database_id).parent
    folder.symlink_to(shutil.move(folder, fleet.root.parent / "elsewhere"))
    assert read(fleet, database_id, record(database_id)) is None


def test_a_shard_whose_name_is_no_text_stops_nobody(fleet: Fleet) -> None:
    add_database(fleet)
    (fleet.root / "\udcff\udcfe").mkdir()
    assert (scan(fleet).status, scan(fleet).skipped) == (JobStatus.COMPLETED, 1)


def test_an_unchanged_file_is_found_again_in_whatever_language_the_database_sorts(fleet: Fleet) -> None:
    if connection.vendor == "postgresql":  # where "aa" comes before "AZ"; SQLite knows bytes only
        with connection.cursor() as cursor:
            cursor.execute('ALTER TABLE dbadmin_databaserecord ALTER COLUMN shard TYPE varchar(100) COLLATE "en-x-icu"')
    add_database(fleet, "AZ-1")
    add_database(fleet, "aa-1")
    scan(fleet)
    assert scan(fleet).skipped == 2


def test_names_with_backslashes_and_zeros_are_kept_without_the_zeros(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), r'CREATE TABLE "a\u0000" (x)')
    scan(fleet)
    assert r"a\u0000" in record(database_id).tables
    reading = read_now(fleet, database_id)
    keep(fleet, reading._replace(found=reading.found._replace(findings=('\0a\\\0"\\u0000\\', "\udcff"))))
    assert record(database_id).findings == ['a\\"\\u0000\\', "?"]


@pytest.mark.parametrize("version", [2**63 - 1, -(2**63)])
def test_any_version_that_a_file_may_say_has_room(fleet: Fleet, version: int) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), f"UPDATE database_metadata SET schema_version = {version}")
    scan(fleet)
    assert (record(database_id).status, record(database_id).version) == (Status.UNKNOWN_VERSION, version)


def open_alerts() -> int:
    return Alert.objects.filter(acknowledged_at=None).count()


def test_damage_that_somebody_has_seen_is_no_alert_again(fleet: Fleet) -> None:
    path = fleet.path_of(add_database(fleet))
    path.write_bytes(b"\0" * 5000)
    scan(fleet)
    assert open_alerts() == 1
    Alert.objects.update(acknowledged_at=timezone.now())
    path.touch()
    scan(fleet)
    assert open_alerts() == 0


def test_a_drifted_database_that_loses_its_version_is_not_seen_to_be_well(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    execute(fleet.path_of(database_id), "DROP TABLE chapters")
    scan(fleet)
    execute(fleet.path_of(database_id), "DELETE FROM database_metadata")
    scan(fleet)
    assert (record(database_id).status, open_alerts()) == (Status.UNVERSIONED, 1)


def test_a_file_that_is_locked_keeps_a_scan_waiting_no_longer_than_a_moment(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    execute(fleet.path_of(database_id), "CREATE TABLE never_seen_before (a)")  # what was is told from its pages
    with closing(sqlite3.connect(fleet.path_of(database_id), isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        scan(fleet)
    assert time.monotonic() - began < BUSY_SECONDS
    assert Flag.STALE in record(database_id).flags


def test_what_came_of_a_change_keeps_what_a_deep_check_found_since_it_began(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet, deep=True)
    change = DatabaseChange(record=record(database_id), job_id=uuid4(), what=What.REPAIR)
    execute(fleet.path_of(database_id), "UPDATE chapters SET caption_id = 999")
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        scan(fleet, deep=True)
        execute(fleet.path_of(database_id), "DROP TRIGGER captions_inserted")
        job = start_scan(fleet, requested_by="test", wake_workers=False).job  # any that can be run
        claimed = claim(job.items.get().pk, worker="test")
        assert claimed
        write_down(Run(claimed), fleet, change, Failure("busy", "It is locked."))
    assert (record(database_id).status, Flag.FK_VIOLATIONS in record(database_id).flags) == (Status.INCOMPLETE, True)
