"""What a scan says it found is what there is, however it went."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from dbadmin.errors import UnknownDatabaseError
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.progress import count_files
from dbadmin.scan import compare as compare_of_scan
from dbadmin.scan import job as job_of_scan
from dbadmin.scan import start as start_of_scan
from dbadmin.scan.compare import Compared, compare
from dbadmin.scan.start import start_look, start_scan
from dbadmin.scan.walk import walk
from dbadmin.selection import Selection
from dbadmin.states import Flag
from nisam.jobs.claim import claim
from nisam.jobs.models import Job, JobEvent
from nisam.jobs.models import Status as JobStatus
from nisam.jobs.run import LostRun, Run
from tests.dbadmin.fleets import add_database, execute, new_id, record, run, scan

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hours", [0, 1])
def test_a_scan_that_was_killed_counts_every_file_once_also_where_no_signature_is_relied_upon(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    for _ in range(7):
        add_database(fleet)
    monkeypatch.setattr(job_of_scan, "BATCH", 2)
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):  # of 0: what was written just now
        job = start_scan(fleet, requested_by="test", wake_workers=False).job
        _scan_until(_attempt(job), 4, monkeypatch)
        job.items.update(status=JobStatus.PENDING)
        done = run(job)
    assert (done.found, done.added, done.updated, done.skipped, job.items.get().done) == (7, 7, 0, 0, 7)


def test_a_walk_tells_after_each_shard_how_many_are_unchanged(fleet: Fleet) -> None:
    for name in ("aa-1", "aa-2", "bb-1"):
        add_database(fleet, name)
    told: list[int] = []
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        scan(fleet)
        compare(fleet, ["aa", "bb"], told.append)
    assert told == [2, 3]


def test_a_scan_is_stopped_in_the_middle_of_a_walk(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("aa-1", "bb-1"):
        add_database(fleet, name)
    walked: list[str] = []

    def note(fleet: Fleet, shard: str) -> Iterator[tuple[str, str, int]]:
        walked.append(shard)
        return walk(fleet, shard)

    monkeypatch.setattr(compare_of_scan, "walk", note)
    job = start_scan(fleet, requested_by="test", wake_workers=False).job
    attempt = _attempt(job)
    attempt.interruption = LostRun
    with pytest.raises(LostRun):
        job_of_scan.scan(attempt)
    assert (walked, DatabaseRecord.objects.exists()) == (["aa"], False)


def test_a_scan_that_takes_its_shards_one_after_another_goes_on_after_the_last_that_was_done(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_of_scan, "FILES_AT_ONCE", 1)
    for name in ("aa-1", "aa-2", "bb-1", "cc-1"):
        add_database(fleet, name)
    compared: list[str] = []

    def note(fleet: Fleet, shards: Sequence[str], *arguments: Any, **options: Any) -> Compared:
        compared.extend(shards)
        return compare(fleet, shards, *arguments, **options)

    monkeypatch.setattr(job_of_scan, "compare", note)
    job = start_scan(fleet, requested_by="test", wake_workers=False).job
    _scan_until(_attempt(job), 2, monkeypatch)
    job.items.update(status=JobStatus.PENDING)
    job_of_scan.scan(_attempt(job))
    job.refresh_from_db()
    assert (compared, job.status) == (["aa", "bb", "cc"], JobStatus.COMPLETED)  # its last step has ended it
    assert (job.found, job.added, job.skipped, job.items.get().done) == (4, 4, 0, 4)


def test_what_is_unchanged_is_in_hand_while_the_rest_is_read(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_of_scan, "BATCH", 1)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        for _ in range(3):
            add_database(fleet)
        scan(fleet)
        add_database(fleet)
        add_database(fleet)
        job = start_scan(fleet, requested_by="test", wake_workers=False).job
        _scan_until(_attempt(job), 1, monkeypatch)
    item = job.items.get()
    assert (item.done, item.ahead, count_files(job)["processed"]) == (1, 3, 4)


def _attempt(job: Job) -> Run:
    claimed = claim(job.items.get().pk, worker="test")
    assert claimed
    return Run(claimed)


def _scan_until(attempt: Run, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scan, and lose the item as soon as so many files are done."""

    def check() -> None:
        if attempt.item.done >= number:
            raise LostRun

    monkeypatch.setattr(attempt, "check", check)
    with pytest.raises(LostRun):
        job_of_scan.scan(attempt)


def test_a_first_scan_is_shared_in_parts_and_ends_at_what_there_is(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_of_scan, "FILES_OF_READ_PART", 2)
    for name in ("aa-1", "aa-2", "bb-1"):
        add_database(fleet, name)
    job = start_scan(fleet, requested_by="test", wake_workers=False).job
    add_database(fleet, "aa-3")
    assert (job.items.count(), count_files(job)["total"]) == (2, 3)
    done = run(job)
    assert (done.added, count_files(done)["total"]) == (4, 4)


def test_what_goes_between_the_walk_and_the_reading_was_not_found(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_database(fleet)
    gone = add_database(fleet)

    def compare_and_remove(*arguments: Any, **options: Any) -> Compared:
        found = compare(*arguments, **options)
        shutil.rmtree(fleet.path_of(gone).parent)
        return found

    monkeypatch.setattr(job_of_scan, "compare", compare_and_remove)
    job = scan(fleet)
    assert (job.found, job.added, job.skipped) == (1, 1, 0)
    assert not JobEvent.objects.filter(message__contains="are gone").exists()


@pytest.fixture
def later() -> Iterator[None]:
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        yield


@pytest.mark.usefixtures("later")
def test_a_look_at_many_goes_on_where_a_symlink_has_taken_a_place(fleet: Fleet) -> None:
    gone, kept = add_database(fleet), add_database(fleet)
    scan(fleet)
    folder = fleet.path_of(gone).parent
    folder.symlink_to(shutil.move(folder, fleet.root.parent / "elsewhere"))
    selection = Selection(status="current")
    job = run(start_look(fleet, selection, requested_by="test", wake_workers=False).job)
    assert (job.status, job.found) == (JobStatus.COMPLETED, 1)
    assert (record(gone).missing_since is None, record(kept).missing_since is None) == (False, True)


def test_a_deep_look_checks_what_is_named_however_lately_that_was_checked(fleet: Fleet) -> None:
    named = add_database(fleet)
    scan(fleet, deep=True)
    execute(fleet.path_of(named), "UPDATE chapters SET caption_id = 999")
    selection = Selection(ids=(named,))
    run(start_look(fleet, selection, requested_by="test", wake_workers=False).job)
    assert record(named).flags == []
    run(start_look(fleet, selection, requested_by="test", deep=True, wake_workers=False).job)
    assert record(named).flags == [Flag.FK_VIOLATIONS]


def test_a_deep_look_is_not_left_to_a_quick_one(fleet: Fleet) -> None:
    selection = Selection(ids=(add_database(fleet),))
    scan(fleet)
    looks = [start_look(fleet, selection, requested_by="a", deep=deep, wake_workers=False) for deep in (False, True)]
    assert [look.created for look in looks] == [True, True]


def test_a_look_at_what_nobody_knows_is_refused(fleet: Fleet) -> None:
    add_database(fleet)
    scan(fleet)
    with pytest.raises(UnknownDatabaseError, match="a scan of the whole fleet finds what is new"):
        start_look(fleet, Selection(ids=(new_id(),)), requested_by="test")
    assert DatabaseRecord.objects.count() == 1
