"""Scanning a fleet of real files."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dbadmin.examine import Finding, examine
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan import read as reading
from dbadmin.scan import signature
from dbadmin.scan.read import read
from dbadmin.scan.start import start_scan
from dbadmin.scan.upsert import upsert
from dbadmin.states import Flag, Status
from nisam.freshness.models import Group, Version
from nisam.jobs.models import Job, JobEvent
from nisam.jobs.models import Status as JobStatus
from tests.dbadmin.fleets import add_database, execute, new_id, record, scan

pytestmark = pytest.mark.django_db
_opened: list[str] = []
_watching = False


def _note(event: str, arguments: Any) -> None:
    if _watching and event in {"open", "sqlite3.connect"}:
        _opened.append(str(arguments[0]))


sys.addaudithook(_note)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Every file that Python or its sqlite3 opens."""
    global _watching  # noqa: PLW0603 - a hook of the interpreter cannot be taken away
    _opened.clear()
    _watching = True
    yield _opened
    _watching = False


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    """An hour from now: what the test makes is settled, though no ctime can be set."""
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        yield


def test_what_is_new_is_read_and_recorded(fleet: Fleet) -> None:
    new, old = add_database(fleet), add_database(fleet, version=1)
    job = scan(fleet)
    assert (job.status, job.found, job.added, job.updated, job.skipped) == (JobStatus.COMPLETED, 2, 2, 0, 0)
    assert (record(new).status, record(new).version, record(new).matches_version) == (Status.CURRENT, 3, 3)
    assert (record(old).status, record(old).version, record(old).shard) == (Status.OUTDATED, 1, old[:2])
    assert record(new).size == fleet.path_of(new).stat().st_size
    assert "captions" in record(new).tables


@pytest.fixture
def unforeseen(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that something in us breaks at."""
    database_id = add_database(fleet)

    def break_at(path: Path, *arguments: Any, **options: Any) -> Finding:
        if path == fleet.path_of(database_id):
            raise ZeroDivisionError("halves of nothing")
        return examine(path, *arguments, **options)

    monkeypatch.setattr(reading, "examine", break_at)
    monkeypatch.setattr(reading, "glance", lambda *_: None)
    return database_id


def test_an_error_that_nobody_foresaw_keeps_no_other_file_from_being_read(
    fleet: Fleet, unforeseen: str, caplog: pytest.LogCaptureFixture
) -> None:
    others = [add_database(fleet) for _ in range(3)]
    assert (scan(fleet).status, {record(one).status for one in others}) == (JobStatus.COMPLETED, {Status.CURRENT})
    assert (record(unforeseen).status, record(unforeseen).version) == (Status.UNREADABLE, None)
    assert "internal error (ZeroDivisionError: halves of nothing)" in record(unforeseen).findings[0]
    assert "ZeroDivisionError" in caplog.text


def test_a_file_that_an_unforeseen_error_was_met_at_is_read_by_the_next_scan(
    fleet: Fleet, unforeseen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(fleet)
    monkeypatch.undo()
    scan(fleet)
    assert (record(unforeseen).status, record(unforeseen).findings) == (Status.CURRENT, [])


def test_an_unchanged_fleet_is_scanned_again_without_opening_a_file(fleet: Fleet, opened: list[str]) -> None:
    for _ in range(5):
        add_database(fleet)
    scan(fleet)
    assert [path for path in opened if path.endswith("captions.db")]
    opened.clear()
    job = scan(fleet)
    assert (job.found, job.skipped) == (5, 5)
    assert [path for path in opened if "captions.db" in path] == []  # also below a folder that is open
    assert [path for path in opened if str(fleet.root) in path and not Path(path).is_dir()] == []


def test_an_unchanged_fleet_costs_the_same_statements_whatever_its_size(fleet: Fleet) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            scan(fleet)
        return len(captured)

    add_database(fleet, "ab-a")
    scan(fleet)
    of_one = statements()
    for name in "bcdef":
        add_database(fleet, f"ab-{name}")
    scan(fleet)
    assert statements() == of_one < 40


@pytest.mark.django_db(transaction=True)
def test_an_unchanged_fleet_makes_no_status_new(fleet: Fleet) -> None:
    add_database(fleet)
    scan(fleet)
    before = Version.objects.get(group=Group.DATABASES).token
    scan(fleet)
    assert Version.objects.get(group=Group.DATABASES).token == before


def test_a_changed_file_is_read_again(fleet: Fleet) -> None:
    one, other = add_database(fleet), add_database(fleet)
    scan(fleet)
    execute(fleet.path_of(one), "DROP TABLE chapters")
    job = scan(fleet)
    assert (job.updated, job.skipped) == (1, 1)
    assert (record(one).status, record(other).status) == (Status.INCOMPLETE, Status.CURRENT)


def test_what_is_committed_to_the_log_only_is_seen(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    path = fleet.path_of(database_id)
    execute(path, "PRAGMA journal_mode = wal")
    scan(fleet)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("DROP TABLE chapters")
        size = path.stat().st_size
        scan(fleet)
    assert (record(database_id).status, record(database_id).size) == (Status.INCOMPLETE, size)
    assert record(database_id).wal_size > 0


def test_a_file_with_a_journal_is_read_every_time(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    fleet.path_of(database_id).with_name("captions.db-journal").touch()
    scan(fleet)
    assert scan(fleet).updated == 1


def test_what_was_written_a_moment_ago_is_read_again(fleet: Fleet) -> None:
    add_database(fleet)
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        scan(fleet)
        assert scan(fleet).updated == 1
    scan(fleet)
    assert scan(fleet).updated == 0


def test_another_registry_reads_everything_again(fleet: Fleet, settings: Any, tmp_path: Any) -> None:
    add_database(fleet)
    scan(fleet)
    folder = shutil.copytree(fleet.registry_folder, tmp_path / "registry")
    with (folder / "v3.sql").open("a") as file:
        file.write("-- the same in other words\n")
    settings.FLEETS["captions"]["registry"] = folder
    assert scan(fleet).updated == 1


def test_another_scanner_reads_everything_again(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    add_database(fleet)
    scan(fleet)
    monkeypatch.setattr(signature, "SCANNER_VERSION", 999)
    assert scan(fleet).updated == 1


def test_a_file_that_is_gone_is_missing_until_it_is_back(fleet: Fleet) -> None:
    kept, gone = add_database(fleet), add_database(fleet)
    scan(fleet)
    folder = fleet.path_of(gone).parent
    aside = folder.rename(fleet.root / ".aside")
    scan(fleet)
    assert (record(gone).missing_since is None, record(kept).missing_since is None) == (False, True)
    aside.rename(folder)
    assert scan(fleet).updated == 1
    assert record(gone).missing_since is None


def test_a_folder_whose_file_is_not_there_is_no_database_and_told_once_of_one_that_was(fleet: Fleet) -> None:
    gone = add_database(fleet)
    fleet.path_of(new_id()).parent.mkdir(parents=True)
    assert scan(fleet).found == 1
    fleet.path_of(gone).unlink()
    assert [scan(fleet).found, scan(fleet).found] == [0, 0]
    assert DatabaseRecord.objects.get().missing_since
    assert JobEvent.objects.filter(message__contains="gone: 1 database").count() == 1


def test_the_files_of_a_shard_that_is_gone_are_missing(fleet: Fleet) -> None:
    add_database(fleet)
    gone = add_database(fleet)
    scan(fleet)
    shutil.rmtree(fleet.root / gone[:2])
    scan(fleet)
    assert record(gone).missing_since


def unmount(fleet: Fleet) -> None:
    fleet.root.rename(fleet.root.with_name("unmounted"))


def leave_an_empty_mount_point(fleet: Fleet) -> None:
    unmount(fleet)
    fleet.root.mkdir()


@pytest.mark.parametrize(
    ("lose", "words"), [(unmount, "cannot be read"), (leave_an_empty_mount_point, "Is its disk mounted?")]
)
def test_a_root_that_is_not_there_or_empty_fails_the_scan_and_loses_no_row(
    lose: Callable[[Fleet], None], words: str, fleet: Fleet
) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    lose(fleet)
    job = scan(fleet)
    assert (job.status, words in job.error_message) == (JobStatus.FAILED, True)
    assert record(database_id).missing_since is None


def test_a_root_with_a_folder_and_no_database_has_lost_all_of_them(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    shutil.rmtree(fleet.root / database_id[:2])
    (fleet.root / "00").mkdir()
    assert scan(fleet).status == JobStatus.COMPLETED
    assert record(database_id).missing_since


def test_what_cannot_be_read_keeps_its_last_status_and_is_stale(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    path = fleet.path_of(database_id)
    path.unlink()
    path.mkdir()
    scan(fleet)
    row = record(database_id)
    assert (row.status, row.version, row.flags) == (Status.CURRENT, 3, [Flag.STALE])
    assert "not a regular file" in row.findings[0]
    path.rmdir()
    add_database(fleet, database_id)
    scan(fleet)
    assert (record(database_id).status, record(database_id).flags) == (Status.CURRENT, [])


def test_what_never_could_be_read_is_unreadable(fleet: Fleet) -> None:
    database_id = new_id()
    fleet.path_of(database_id).mkdir(parents=True)
    scan(fleet)
    assert record(database_id).status == Status.UNREADABLE


def test_symlinks_and_hidden_folders_are_not_followed(fleet: Fleet) -> None:
    inside = add_database(fleet)
    shard = fleet.root / inside[:2]
    shard.with_name("zz").symlink_to(shard)
    (shard / f"{inside[:2]}-link").symlink_to(shard / inside)
    for folder in (fleet.snapshots_folder, fleet.quarantine_folder, shard / ".hidden"):
        shutil.copytree(shard / inside, folder / inside)
    scan(fleet)
    assert DatabaseRecord.objects.get().database_id == inside


def test_a_file_that_is_a_symlink_is_unreadable_and_what_it_points_to_is_left_alone(
    fleet: Fleet, opened: list[str]
) -> None:
    outside = fleet.root.parent / "outside.db"
    shutil.copy(fleet.path_of(add_database(fleet)), outside)
    database_id = new_id()
    path = fleet.path_of(database_id)
    path.parent.mkdir(parents=True)
    path.symlink_to(outside)
    opened.clear()
    scan(fleet)
    assert record(database_id).status == Status.UNREADABLE
    assert not [name for name in opened if str(outside) in name]


def test_what_lies_elsewhere_than_the_fleet_keeps_it_is_told_and_not_recorded(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    (fleet.root / database_id[:2]).rename(fleet.root / "zz")
    scan(fleet)
    assert not DatabaseRecord.objects.exists()
    assert JobEvent.objects.filter(message__contains="1 file is not where").exists()


@pytest.mark.parametrize("name", ["od\udcff", "od\\x"])
def test_what_no_database_can_be_called_is_not_taken_for_one(fleet: Fleet, name: str) -> None:
    add_database(fleet)
    odd = fleet.root / "od" / name
    odd.mkdir(parents=True)
    (odd / "captions.db").touch()
    assert scan(fleet).status == JobStatus.COMPLETED
    assert DatabaseRecord.objects.count() == 1


def test_a_reading_that_is_older_than_the_row_is_not_kept(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    scan(fleet)
    DatabaseRecord.objects.update(
        scanned_at=timezone.now() + timedelta(minutes=1), status=Status.INCOMPLETE, signature=""
    )
    scan(fleet)
    assert record(database_id).status == Status.INCOMPLETE


def test_a_reading_that_knows_nothing_of_a_deep_check_does_not_clear_what_it_found(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    reading = read(fleet, database_id, None)
    assert reading
    execute(fleet.path_of(database_id), "UPDATE chapters SET caption_id = 999")
    scan(fleet, deep=True)
    with transaction.atomic():
        assert upsert(fleet, [reading._replace(scanned_at=timezone.now())]) == {}
    assert record(database_id).flags == [Flag.FK_VIOLATIONS]


def test_a_scan_that_runs_is_joined(fleet: Fleet) -> None:
    add_database(fleet)
    first = start_scan(fleet, requested_by="a", wake_workers=False)
    second = start_scan(fleet, requested_by="b", wake_workers=False)
    assert (first.created, second.created, second.job) == (True, False, first.job)
    assert Job.objects.count() == 1


def test_a_deep_check_finds_what_a_look_cannot_and_is_not_cleared_by_one(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    path = fleet.path_of(database_id)
    execute(path, "UPDATE chapters SET caption_id = 999")
    scan(fleet)
    assert (record(database_id).flags, record(database_id).deep_checked_at) == ([], None)
    assert scan(fleet, deep=True).updated == 1
    assert record(database_id).flags == [Flag.FK_VIOLATIONS]
    execute(path, "UPDATE captions SET body = 'another'")
    scan(fleet)
    assert record(database_id).flags == [Flag.FK_VIOLATIONS]
    execute(path, "UPDATE chapters SET caption_id = 1")
    scan(fleet)
    assert record(database_id).flags == []


def test_a_deep_check_is_due_by_age(fleet: Fleet, settings: Any) -> None:
    add_database(fleet)
    scan(fleet, deep=True)
    assert scan(fleet, deep=True).skipped == 1
    DatabaseRecord.objects.update(deep_checked_at=timezone.now() - timedelta(days=8))
    assert (scan(fleet).updated, scan(fleet, deep=True).updated) == (0, 1)


def test_a_deep_check_does_not_wait_for_a_scan(fleet: Fleet) -> None:
    add_database(fleet)
    started = [start_scan(fleet, requested_by="a", deep=deep, wake_workers=False) for deep in (False, True)]
    assert [one.created for one in started] == [True, True]
