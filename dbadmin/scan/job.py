"""The job that scans: its items are parts of a fleet's shards, or one selection of databases."""

from collections.abc import Iterator, Sequence, Set
from contextlib import closing
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.utils import timezone

from dbadmin.errors import UnreadableError
from dbadmin.fleets import Fleet, get_fleet
from dbadmin.models import DatabaseRecord
from dbadmin.progress import count_files
from dbadmin.scan.ahead import Batch, read_ahead
from dbadmin.scan.compare import compare
from dbadmin.scan.start import SCAN, part_of
from dbadmin.scan.store import mark_missing, mark_stale, store, tell_of_strays
from dbadmin.scan.walk import shards_of
from dbadmin.selection import Selection, pages
from nisam.jobs.registry import job_type
from nisam.jobs.run import Run, Step

# Files read between two commits: few enough that a part has several, each read while the one before it is written.
BATCH = 1250
Thing = TypeVar("Thing")


@job_type(SCAN, queue="databases", noun="database", progress=count_files)
def scan(run: Run) -> None:
    """Work on one item of a scan."""
    fleet = get_fleet(run.job.options["fleet"])
    if "selection" in run.job.options:
        _look(run, fleet, Selection.from_data(run.job.options["selection"]))
    else:
        _scan(run, fleet)


def _scan(run: Run, fleet: Fleet) -> None:
    known = DatabaseRecord.objects.of(fleet.name)
    if not fleet.root.exists() and not known.exists():
        run.outcome = f"nothing: {fleet.root} is not there yet"  # nothing was ever written; later it would be an error
        return
    shards = shards_of(fleet)
    if not shards and known.present().exists():
        raise UnreadableError(
            f"{fleet.root} is empty, and had databases at the last scan. Is its disk mounted? If all of them are gone "
            "for good, make a folder in it and scan again."
        )
    is_first, own = part_of(run.item.target_id, shards)
    if is_first:
        lost = known.present().exclude(shard__in=shards).values_list("database_id", flat=True)
        for chunk in _batches(list(lost), BATCH):
            _tell_gone(run, fleet, chunk)
    after = run.cursor.get("after", "")
    left = [shard for shard in own if shard > after]
    for chunk in _batches(left, run.job.options["shardsAtOnce"]):
        _scan_shards(run, fleet, chunk, is_last=chunk[-1] == left[-1])


def _scan_shards(run: Run, fleet: Fleet, shards: Sequence[str], *, is_last: bool) -> None:
    deep_before = _deep_before() if run.job.options["deep"] else None
    found = compare(fleet, shards, run.progress, deep_before=deep_before)
    # A step each: rows that are locked one after another in one transaction are locked in the order of their ids.
    for shard, problem in found.problems.items():
        with run.step() as step:
            mark_stale(step, fleet.name, shard, problem)
    _tell_gone(run, fleet, found.gone)
    seen = unchanged = found.unchanged
    chunks = list(_batches(found.to_read, BATCH)) or [[]]
    wanted = (_wanted(fleet, chunk, found.new, unchanged) for chunk in chunks)
    with closing(read_ahead(run, fleet, wanted, deep_before)) as batches:
        for place, batch in enumerate(batches, start=1):
            _tell_gone(run, fleet, [one for one in batch.gone if one in batch.known])
            seen += len(batch.ids) - len(batch.gone)
            ends = place == len(chunks)
            with run.step(last=is_last and ends) as step:
                _keep(step, fleet, batch)
                step.ahead = 0 if ends else unchanged
                if ends:
                    tell_of_strays(step, found.strays)
                    # What an attempt that was killed has read and counted is not read again by the next one.
                    left = max(0, seen - step.cursor.get("read", 0))
                    step.found += left
                    step.skipped += left
                    step.done += left
                    step.cursor = {"after": shards[-1]}


def _look(run: Run, fleet: Fleet, selection: Selection) -> None:
    # Whatever was checked before somebody asked for it now; what an attempt that was killed has checked is not.
    deep_before = run.job.created_at if run.job.options.get("deep") else None  # looks of before had no such option
    found = pages(selection.records(fleet.name), after=run.cursor.get("after", ""), size=BATCH)
    wanted = (Batch([row.database_id for row in page], {row.database_id: row for row in page}) for page in found)
    with closing(read_ahead(run, fleet, wanted, deep_before)) as batches:
        for batch in batches:
            _tell_gone(run, fleet, batch.gone)
            with run.step() as step:
                _keep(step, fleet, batch)
                step.cursor = {"after": batch.ids[-1]}


def _wanted(fleet: Fleet, ids: Sequence[str], new: Set[str], in_hand: int) -> Batch:
    """What is to be read, with the rows of what is not new."""
    with_rows = [database_id for database_id in ids if database_id not in new]
    rows = DatabaseRecord.objects.of(fleet.name).filter(database_id__in=with_rows)
    return Batch(ids, {row.database_id: row for row in rows}, walked=True, in_hand=in_hand)


def _tell_gone(run: Run, fleet: Fleet, gone: Sequence[str]) -> None:
    if gone:
        with run.step() as step:
            mark_missing(step, fleet.name, gone)


def _keep(step: Step, fleet: Fleet, batch: Batch) -> None:
    if batch.readings:
        store(step, fleet, batch.readings, batch.known)
        step.cursor = {**step.cursor, "read": step.cursor.get("read", 0) + len(batch.readings)}


def _deep_before() -> datetime:
    return timezone.now() - timedelta(days=settings.FLEET_DEEP_CHECK_DAYS)


def _batches(things: Sequence[Thing], size: int) -> Iterator[Sequence[Thing]]:
    for begin in range(0, len(things), size):
        yield things[begin : begin + size]
