"""Fleets of real files for the tests, of the small registry."""

import itertools
import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan.start import start_scan
from nisam.jobs.claim import claim, release
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, Status
from nisam.jobs.registry import get_job_type
from nisam.jobs.run import Run
from nisam.lib.errors import OperationError
from tests.dbadmin.files import make_database

numbers = itertools.count(1)


def new_id() -> str:
    """An id that no other database of this test has; the ids come in every shard, the first 255 in their order."""
    number = next(numbers)
    return str(UUID(int=(number % 256) << 120 | number))


def add_database(fleet: Fleet, database_id: str = "", *, version: int = 3, rows: int = 3) -> str:
    """Put a database that is as it should be into a fleet, as if an hour ago; its id."""
    database_id = database_id or new_id()
    age(make_database(fleet.path_of(database_id), version, rows))
    return database_id


def add_copies(fleet: Fleet, template: Path, number: int) -> list[str]:
    """Put so many copies of a file into a fleet, as if an hour ago; their ids."""
    ids = [new_id() for _ in range(number)]
    for database_id in ids:
        path = fleet.path_of(database_id)
        path.parent.mkdir(parents=True)
        age(Path(shutil.copy(template, path)))
    return ids


def age(path: Path, seconds: float = 3600) -> None:
    """Let a file seem to be written so long ago; its ctime cannot be set, so the tests' clock runs ahead of it."""
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def scan(fleet: Fleet, *, deep: bool = False) -> Job:
    """Scan a fleet here and now."""
    return run(start_scan(fleet, requested_by="test", deep=deep, wake_workers=False).job)


def run(job: Job) -> Job:
    """Work a job off as a worker does, but for its heartbeat, which could not see a test's transaction."""
    while item := job.items.claimable(timezone.now()).order_by("position").first():
        claimed = claim(item.pk, worker="test")
        assert claimed
        try:
            get_job_type(job.type).handler(Run(claimed))
        except OperationError as error:
            if error.transient:
                release(claimed, error)
            else:
                finish(claimed, Status.FAILED, code=error.code, message=str(error))
        else:
            if claimed.status == Status.RUNNING:  # else its last step has ended it
                finish(claimed, Status.COMPLETED)
    job.refresh_from_db()
    return job


def record(database_id: str) -> DatabaseRecord:
    """A database's row."""
    return DatabaseRecord.objects.get(database_id=database_id)


def execute(path: Path, *statements: str) -> None:
    """Change a database, a commit for each statement."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
