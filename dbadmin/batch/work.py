"""Working a batch off: file by file, a failure being that file's own, busy files once more at the end."""

from collections.abc import Sequence

from dbadmin.batch.carry_out import carry_out
from dbadmin.batch.failure import Failure, failure_of
from dbadmin.batch.items import batch_of
from dbadmin.batch.keep import keep
from dbadmin.batch.wish import Wish
from dbadmin.errors import BusyError, FleetError
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange
from nisam.jobs.models import LOST, MAX_TRIES
from nisam.jobs.run import Run
from nisam.lib.numbers import number_of

# A file that is locked is left for the end of the batch, and there waited for longer.
FIRST_WAIT_SECONDS, LAST_WAIT_SECONDS = 0.1, 2.0


class StillBusyError(FleetError):
    """Files that other processes have kept locked all the time; tried again by itself."""

    code = "busy"
    transient = True
    default_retry_after = BusyError.default_retry_after


class SomeFailedError(FleetError):
    """Some databases of a batch could not be changed; each has its reason in its history."""

    code = "databases_failed"
    permanent = True


def work_off(run: Run, fleet: Fleet, wish: Wish, changes: Sequence[DatabaseChange]) -> None:
    """Do what is left of a batch. Raises StillBusyError and SomeFailedError, when everything else is done."""
    busy = _work_off(run, fleet, wish, changes, FIRST_WAIT_SECONDS)
    busy = _work_off(run, fleet, wish, busy, LAST_WAIT_SECONDS)
    if busy and run.item.failures + 1 < MAX_TRIES:
        raise StillBusyError(f"Locked by other processes: {number_of(len(busy), 'database')}.")
    for change in busy:
        keep(run, fleet, change, Failure(BusyError.code, "It was locked by another process all the time."))
    batch = DatabaseChange.objects.of_batch(*batch_of(run.item))
    failed = batch.failed()
    if first := failed.first():
        whole = number_of(run.item.found or batch.count(), "database")  # a retry is of fewer
        raise SomeFailedError(f"{failed.count()} of {whole} failed; the first: {first.error_message}")


def _work_off(
    run: Run, fleet: Fleet, wish: Wish, changes: Sequence[DatabaseChange], wait: float
) -> list[DatabaseChange]:
    """Those that are left, because they are busy."""
    busy = []
    for change in changes:
        run.check()
        # A killed attempt may have changed a file and not lived to write it down.
        killed = run.item.attempt > 1 or change.error_code == LOST
        try:
            done = carry_out(fleet, wish, change, timeout=wait, interrupt=run.check, resumed=killed)
        except BusyError:
            busy.append(change)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one file, the others are worked on
            keep(run, fleet, change, failure_of(change, error))
        else:
            keep(run, fleet, change, done)
    return busy
