"""Jobs that change the databases of a fleet, for the tests."""

from pathlib import Path
from typing import Any

from dbadmin.batch.start import start_change
from dbadmin.batch.wish import Wish
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, Outcome, What
from dbadmin.selection import Selection
from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, JobItem
from nisam.jobs.models import Status as JobStatus
from nisam.jobs.registry import get_job_type
from nisam.jobs.run import Run
from tests.dbadmin.fleets import add_database, execute, scan


def change_job(fleet: Fleet, what: What = What.REPAIR, *ids: str, **fields: Any) -> Job:
    """A job that changes these databases, or all that need it; none of it is done yet."""
    selection = Selection(ids=ids)
    wish = Wish(fleet.name, what, **{"selection": selection, **fields})
    return start_change(fleet, wish, requested_by="test", wake_workers=False).job


def incomplete(fleet: Fleet) -> str:
    """Put a database that lacks a table into the fleet; its id."""
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "DROP TABLE chapters")
    return database_id


def outcomes(job: Job) -> dict[str, str]:
    """What came of a job's changes, by the ids of the databases."""
    return dict(DatabaseChange.objects.filter(job_id=job.pk).values_list("record__database_id", "outcome"))


def lose_first_page(path: Path) -> None:
    """Damage a file so that it is corrupt."""
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])


def choosing(job: Job) -> JobItem:
    """The item of a job that has chosen and handed out all batches, but has not ended."""
    item = claim(job.items.get().pk, worker="test")
    assert item
    get_job_type(job.type).handler(Run(item))
    return item


def stopped(fleet: Fleet, **fields: Any) -> tuple[Job, list[str]]:
    """A repair of three databases whose first batch is claimed by a worker that does nothing."""
    ids = [incomplete(fleet) for _ in range(3)]
    scan(fleet)
    job = change_job(fleet, **fields)
    chosen = choosing(job)
    finish(chosen, JobStatus.COMPLETED)
    assert claim(job.items.exclude(pk=chosen.pk).get().pk, worker="test")
    assert set(outcomes(job).values()) == {Outcome.PENDING}
    return job, ids
