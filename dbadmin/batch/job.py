"""The jobs that change databases: an item is one database, a batch of them, or the choosing that makes the batches."""

from dbadmin.batch.choose import choose
from dbadmin.batch.dry_run import plan_batch
from dbadmin.batch.items import left_of
from dbadmin.batch.settle import settle
from dbadmin.batch.wish import Wish
from dbadmin.batch.work import work_off
from dbadmin.errors import UnknownDatabaseError
from dbadmin.fleets import get_fleet
from dbadmin.models import DatabaseChange, DatabaseRecord, What
from dbadmin.progress import count_databases
from nisam.jobs.registry import job_type
from nisam.jobs.run import Run


def change_databases(run: Run) -> None:
    """Work on one item of a change."""
    wish = Wish.from_data(run.job.options)
    fleet = get_fleet(wish.fleet)
    kind = run.item.target.partition(":")[0]
    if kind == "choose":
        choose(run, wish)
        return
    if kind != "batch":
        _begin_single(run, wish)
    changes = left_of(run)
    if wish.dry_run:
        plan_batch(run, fleet, wish, changes)
        failed = run.item.done - run.item.updated - run.item.skipped
        run.outcome = f"{run.item.updated} planned, {run.item.skipped} need nothing, {failed} cannot be changed"
    else:
        work_off(run, fleet, wish, changes)
        run.outcome = f"{run.item.updated} changed, {run.item.skipped} unchanged"


def _begin_single(run: Run, wish: Wish) -> None:
    """The row of a change of one database, made by the first attempt."""
    if run.cursor:
        return
    record = DatabaseRecord.objects.of(wish.fleet).filter(database_id=wish.selection.ids[0]).first()
    if record is None:
        raise UnknownDatabaseError(f"The fleet has no {wish.selection.ids[0]}.")
    with run.step() as step:
        DatabaseChange.objects.create(
            record=record,
            job_id=run.job.pk,
            what=wish.what,
            is_dry_run=wish.dry_run,
            from_version=record.version,
            to_version=wish.to_version,
        )
        step.found, step.cursor = 1, {"begun": True}


for _what in What:
    job_type(f"database_{_what}", queue="databases", noun="batch", progress=count_databases, ended=settle)(
        change_databases
    )
