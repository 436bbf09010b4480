"""What Beat does with a fleet by itself."""

import time_machine

from dbadmin.change.snapshots import Snapshots
from dbadmin.fleets import Fleet
from dbadmin.tasks import prune_snapshots
from tests.dbadmin.files import make_database


def test_old_snapshots_go_and_the_latest_of_each_database_stays(fleet: Fleet) -> None:
    make_database(path := fleet.path_of("abc"), version=1)
    snapshots = Snapshots(fleet.snapshots_folder)
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False) as clock:
        snapshots.take(path, "abc")
        clock.move_to("2026-01-02T00:00:00Z")
        latest = snapshots.take(path, "abc")
        clock.move_to("2026-06-01T00:00:00Z")
        prune_snapshots()
    assert snapshots.of("abc") == [latest]
