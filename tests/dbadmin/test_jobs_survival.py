"""A batch survives what happens to its workers. Everything here is a real process."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from django.utils import timezone

from dbadmin.batch.start import start_change
from dbadmin.batch.wish import Wish
from dbadmin.change.snapshots import Snapshots
from dbadmin.fleets import Fleet, get_fleet
from dbadmin.models import DatabaseChange, DatabaseRecord, Outcome, What
from dbadmin.selection import Selection
from nisam.jobs.models import Job, JobEvent, Status
from nisam.jobs.reaper import reap
from tests.dbadmin.files import content, make_from
from tests.dbadmin.fleets import add_copies, execute
from tests.processes import Worker, start_worker, until

pytestmark = pytest.mark.django_db(transaction=True)
FILES = 500


@pytest.fixture
def captions(settings: Any, tmp_path: Path) -> Fleet:
    """The built-in fleet, of the first version, in a folder of the test's own."""
    settings.FLEETS = {"captions": {**settings.FLEETS["captions"], "root": tmp_path / "databases"}}
    fleet = get_fleet("captions")
    template = make_from(tmp_path / "template.db", fleet.registry.sql(1))
    checksum = fleet.registry.fingerprint(1)
    execute(template, f"INSERT INTO database_metadata VALUES (1, 1, '{checksum}', '2026-01-01T00:00:00Z', NULL, NULL)")
    ids = add_copies(fleet, template, FILES)
    DatabaseRecord.objects.bulk_create(
        DatabaseRecord(
            fleet="captions", database_id=one, shard=one[:2], status="outdated", version=1, scanned_at=timezone.now()
        )
        for one in ids
    )
    return fleet


def changed() -> int:
    return DatabaseChange.objects.filter(outcome=Outcome.CHANGED).count()


def reached(number: int) -> Callable[[], bool]:
    def look() -> bool:
        reap()  # what Beat does each few seconds
        return changed() >= number

    return look


def kill_children(worker: Worker) -> None:
    """kill -9 of whatever works at this moment."""
    listed = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children").read_text()
    for child in map(int, listed.split()):
        worker.kill_child(child)


def ended(job: Job) -> Callable[[], bool]:
    def look() -> bool:
        reap()
        return not Job.objects.active().filter(pk=job.pk).exists()

    return look


def test_a_batch_of_500_whose_workers_are_killed_at_random_is_done_once(
    captions: Fleet, broker: "redis.Redis", tmp_path: Path
) -> None:
    chance = random.Random()
    moments = sorted(chance.sample(range(10, FILES - 100), 2))
    job = start_change(captions, Wish("captions", What.REPAIR, Selection()), requested_by="test").job
    with start_worker(tmp_path, NISAM_CAPTIONS_ROOT=str(captions.root)) as worker:
        for moment in moments:
            until(reached(moment), seconds=60)
            time.sleep(chance.random() / 50)  # somewhere inside a file
            kill_children(worker)
        until(ended(job), seconds=60)
    job.refresh_from_db()
    assert (job.status, job.found, job.updated, job.failed_items) == (Status.COMPLETED, FILES, FILES, 0), moments
    assert changed() == FILES
    versions = {content(captions.path_of(row.database_id), "SELECT schema_version FROM database_metadata")[0]
                for row in DatabaseRecord.objects.all()}  # fmt: skip
    assert versions == {(captions.registry.latest,)}
    # A second change of a file would have been preceded by a snapshot of what the first had made of it.
    snapshots = Snapshots(captions.snapshots_folder)
    taken = [one.version for row in DatabaseRecord.objects.all() for one in snapshots.of(row.database_id)]
    assert set(taken) == {1}
    done = JobEvent.objects.filter(job=job, name="database_done").values_list("data__databaseId", flat=True)
    assert len(done) == len(set(done)) == FILES
    assert not list(captions.root.rglob("*.part"))
