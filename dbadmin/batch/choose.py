"""The first item of a change of many: chooses the databases and hands them out in batches."""

from dbadmin.batch.wish import Wish
from dbadmin.models import DatabaseChange
from dbadmin.selection import pages
from nisam.jobs.run import Run
from nisam.jobs.start import Target
from nisam.lib.numbers import number_of

# Databases of an item: few enough that several workers share them and a killed one loses little.
BATCH = 200


def choose(run: Run, wish: Wish) -> None:
    """Write down what is to be done, a batch and its item in each transaction; goes on where it was stopped."""
    for page in pages(wish.chosen(), after=run.cursor.get("after", ""), size=BATCH):
        batch = run.cursor.get("batch", 0)
        with run.step() as step:
            DatabaseChange.objects.bulk_create(
                DatabaseChange(
                    record=record,
                    job_id=run.job.pk,
                    batch=batch,
                    what=wish.what,
                    is_dry_run=wish.dry_run,
                    from_version=record.version,
                    to_version=wish.to_version,
                )
                for record in page
            )
            name = f"{wish.fleet}: {number_of(len(page), 'database')} from {page[0].database_id}"
            step.targets = [Target(f"batch:{run.job.pk.hex}:{batch}", name)]
            step.found += len(page)
            step.cursor = {"after": page[-1].database_id, "batch": batch + 1}
    run.outcome = f"{number_of(run.item.found, 'database')} to {wish.what}, in {run.cursor.get('batch', 0)} batches"
