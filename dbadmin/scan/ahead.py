"""Reading databases a batch ahead: while one is kept, which is mostly waiting for the server, the next is read."""

from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan.read import Reading, read, to_come
from dbadmin.scan.store import Known
from nisam.jobs.run import PROGRESS_INTERVAL_SECONDS, Run


@dataclass
class Batch:
    """Ids of what is to be read, with the rows from before, whether a walk has just met them, and how many others are
    in hand; then how many are done with, what was read of them and which are not there."""

    ids: Sequence[str]
    known: Known
    walked: bool = False
    in_hand: int = 0
    done: int = 0
    readings: list[Reading] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def read_ahead(
    run: Run, fleet: Fleet, batches: Iterable[Batch], deep_before: datetime | None
) -> Generator[Batch, None, None]:
    """Each batch as soon as it is read, while the next one is. Must be closed: then nothing is read any more.

    One thread reads, so that this process never has a file open twice; it asks nothing of our own database.
    """
    stop = Event()
    with ThreadPoolExecutor(1, "reader") as reader:
        try:
            before: tuple[Batch, Future[None]] | None = None
            for batch in batches:
                reading = reader.submit(_read, run, fleet, batch, deep_before, stop)
                if before:
                    yield _read_to_the_end(run, *before)
                before = batch, reading
            if before:
                yield _read_to_the_end(run, *before)
        finally:
            stop.set()


def _read(run: Run, fleet: Fleet, batch: Batch, deep_before: datetime | None, stop: Event) -> None:
    for database_id in batch.ids:
        if stop.is_set():
            return
        known = batch.known.get(database_id)
        deep = _is_deep(known, deep_before)
        if not (batch.walked and not deep and _is_read_already(run, known)):
            if reading := read(fleet, database_id, known, walked=batch.walked, deep=deep):
                batch.readings.append(reading)
            else:
                batch.gone.append(database_id)
        batch.done += 1


def _read_to_the_end(run: Run, batch: Batch, reading: Future[None]) -> Batch:
    """The batch when it is read, or what interrupts the run or the reading."""
    told = 0
    while not wait([reading], PROGRESS_INTERVAL_SECONDS).done:
        if batch.done == told:
            run.check()  # no progress: the run may have to be stopped for that
        else:
            told = batch.done
            run.progress(batch.in_hand + told)
    reading.result()
    run.check()
    return batch


def _is_read_already(run: Run, row: DatabaseRecord | None) -> bool:
    """Whether an attempt of this job that was killed has read it, though its signature is not relied upon."""
    return run.item.attempt > 1 and row is not None and row.scanned_at >= run.job.created_at


def _is_deep(before: DatabaseRecord | None, deep_before: datetime | None) -> bool:
    if deep_before is None:
        return False
    checked = before.deep_checked_at if before else None
    return checked is None or not deep_before <= checked < to_come()
