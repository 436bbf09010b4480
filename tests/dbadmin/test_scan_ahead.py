"""The next files are read while the last ones are kept."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from dbadmin.fleets import Fleet
from dbadmin.scan import ahead
from dbadmin.scan.ahead import Batch, read_ahead
from dbadmin.scan.read import Reading, read
from dbadmin.scan.start import start_scan
from nisam.jobs.claim import claim
from nisam.jobs.models import JobItem
from nisam.jobs.run import CancelledRun, Run
from tests.dbadmin.fleets import add_database
from tests.processes import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(fleet: Fleet) -> Run:
    """An attempt at a scan."""
    add_database(fleet)
    claimed = claim(start_scan(fleet, requested_by="test", wake_workers=False).job.items.get().pk, worker="test")
    assert claimed
    return Run(claimed)


def batches(fleet: Fleet, number: int) -> list[Batch]:
    return [Batch([add_database(fleet)], {}) for _ in range(number)]


def readers() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name.startswith("reader"))


def test_one_batch_more_is_read_while_one_is_kept_and_no_other(run: Run, fleet: Fleet) -> None:
    wanted = batches(fleet, 3)
    with closing(read_ahead(run, fleet, wanted, None)) as read:
        assert next(read) is wanted[0]
        until(lambda: wanted[1].done == 1)
        assert (len(wanted[0].readings), len(wanted[1].readings), wanted[2].done) == (1, 1, 0)
        assert list(read) == wanted[1:]


def test_nobody_reads_any_more_once_it_is_closed(run: Run, fleet: Fleet) -> None:
    with closing(read_ahead(run, fleet, batches(fleet, 2), None)) as read:
        next(read)
        assert any(readers())
    assert not any(readers())


def test_a_run_that_is_to_stop_stops_before_a_batch_is_kept(run: Run, fleet: Fleet) -> None:
    run.interruption = CancelledRun
    with closing(read_ahead(run, fleet, batches(fleet, 2), None)) as read, pytest.raises(CancelledRun):
        next(read)
    assert not any(readers())


def test_a_batch_tells_how_far_it_is_and_stops_in_the_middle(
    run: Run, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Batch([add_database(fleet)] * 100, {})

    def read_slowly(*arguments: Any, **options: Any) -> Reading | None:
        time.sleep(0.05)
        if batch.done == 20:
            run.interruption = CancelledRun
        return read(*arguments, **options)

    monkeypatch.setattr(ahead, "read", read_slowly)
    with closing(read_ahead(run, fleet, [batch], None)) as found, pytest.raises(CancelledRun):
        next(found)
    assert 0 < JobItem.objects.get().ahead <= batch.done < len(batch.ids)


def test_what_goes_wrong_in_reading_goes_wrong_in_the_scan(run: Run, fleet: Fleet) -> None:
    not_a_row: Any = "row"
    batch = batches(fleet, 1)[0]
    wrong = Batch(batch.ids, dict.fromkeys(batch.ids, not_a_row))
    with closing(read_ahead(run, fleet, [wrong], None)) as read, pytest.raises(AttributeError):
        next(read)
