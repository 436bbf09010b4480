"""Two that write many rows wait for each other and never in a circle."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from dbadmin.batch.start import start_change
from dbadmin.batch.wish import Wish
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord, What
from dbadmin.scan.read import read
from dbadmin.scan.store import mark_missing, mark_stale
from dbadmin.scan.upsert import upsert
from dbadmin.selection import Selection
from nisam.jobs.run import Step
from tests.dbadmin.fleets import add_database, run, scan
from tests.processes import until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
FIRST, SECOND = "aa-1", "aa-2"


def _mark_missing(fleet: Fleet) -> None:
    with transaction.atomic():
        mark_missing(Step({}), fleet.name, [SECOND, FIRST])


def _mark_stale(fleet: Fleet) -> None:
    with transaction.atomic():
        mark_stale(Step({}), fleet.name, "aa", "It cannot be read.")


def _keep(fleet: Fleet) -> None:
    readings = [read(fleet, one, None) for one in (SECOND, FIRST)]
    later = timezone.now() + timedelta(days=1)
    with transaction.atomic():
        upsert(fleet, [reading._replace(scanned_at=later) for reading in readings if reading])


def _plan(fleet: Fleet) -> None:
    wish = Wish(fleet.name, What.REPAIR, Selection(), dry_run=True)
    run(start_change(fleet, wish, requested_by="test", wake_workers=False).job)


@pytest.mark.parametrize("write", [_mark_missing, _mark_stale, _keep, _plan])
def test_rows_are_locked_in_the_order_of_their_ids(fleet: Fleet, write: Callable[[Fleet], None]) -> None:
    for database_id in (SECOND, FIRST):  # in the table in the other order
        add_database(fleet, database_id, version=1)
        scan(fleet)

    def write_in_a_connection_of_its_own() -> None:
        write(fleet)
        connection.close()

    writing = threading.Thread(target=write_in_a_connection_of_its_own)
    with transaction.atomic():
        DatabaseRecord.objects.select_for_update().get(database_id=FIRST)
        writing.start()
        until(_somebody_waits, seconds=20)
        free = DatabaseRecord.objects.select_for_update(skip_locked=True).filter(database_id=SECOND)
        is_free = bool(free)
    writing.join()
    assert is_free


def _somebody_waits() -> bool:
    """For this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return bool(cursor.rowcount)
