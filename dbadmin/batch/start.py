"""Starting a change of databases."""

from hashlib import sha256
from zlib import crc32

from dbadmin.batch.wish import BadWishError, Wish, deed_of
from dbadmin.change.snapshots import Snapshots
from dbadmin.errors import FleetError
from dbadmin.fleets import Fleet
from dbadmin.models import What
from dbadmin.selection import check_ids, check_list
from nisam.jobs.models import Job
from nisam.jobs.start import Started, Target, start

LONGEST_KEY = 200


class BeingChangedError(FleetError):
    """A job does something else to the database already; `job` is that one."""

    code = "being_changed"
    permanent = True

    def __init__(self, job: Job) -> None:
        super().__init__(
            f"It is being changed already, by job {job.pk} ({deed_of(job)}): wait for its end, or cancel it."
        )
        self.job = job


def start_change(fleet: Fleet, wish: Wish, *, requested_by: str, wake_workers: bool = True) -> Started:
    """Make the job of a change, or join the one of the very same wish.

    Raises BadWishError, UnknownVersionError, UnknownDatabaseError, UnknownListError, InvalidIdError,
    UnknownSnapshotError, and BeingChangedError for one database that a job of another wish works on.
    """
    _check(fleet, wish)
    started = start(
        f"database_{wish.what}",
        [_target(wish)],
        requested_by=requested_by,
        options=wish.as_data(),
        wake_workers=wake_workers,
    )
    # Of one database there is one job at a time, whatever that does to it.
    if not started.created and Wish.from_data(started.job.options) != wish:
        raise BeingChangedError(started.job)
    return started


def _target(wish: Wish) -> Target:
    if len(wish.selection.ids) == 1:
        database_id = wish.selection.ids[0]
        key = f"database:{wish.fleet}:{database_id}"
        return Target(key if len(key) <= LONGEST_KEY else sha256(key.encode()).hexdigest(), database_id)
    sum_of_wish = crc32(repr(wish.as_data()).encode())
    return Target(f"choose:{wish.fleet}:{sum_of_wish:08x}", f"{wish.fleet}: choosing what to {wish.what}")


def _check(fleet: Fleet, wish: Wish) -> None:
    if wish.what == What.MIGRATE and wish.to_version is None:
        raise BadWishError(f"Migrating needs toVersion, 1 to {fleet.registry.latest}.")
    if wish.to_version is not None:
        fleet.registry.fingerprint(wish.to_version)  # raises where there is no such version
    if wish.dry_run and wish.what in {What.ROLLBACK, What.SALVAGE}:
        raise BadWishError(f"There is no dry run of a {wish.what}: it has no plan.")
    if wish.plan_hash and len(wish.selection.ids) != 1:
        raise BadWishError("planHash agrees to the plan of one database; of several, allowDestructive does.")
    _check_snapshot(fleet, wish)
    check_list(fleet, wish.selection.list_id)
    check_ids(fleet, wish.selection.ids, may_be_gone=wish.what == What.ROLLBACK)


def _check_snapshot(fleet: Fleet, wish: Wish) -> None:
    if wish.what != What.ROLLBACK:
        return
    if len(wish.selection.ids) != 1 or not wish.snapshot:
        raise BadWishError("A rollback needs one database and snapshotId, the snapshot to bring back.")
    if Snapshots(fleet.snapshots_folder).get(wish.snapshot).database_id != wish.selection.ids[0]:
        raise BadWishError(f"The snapshot {wish.snapshot} is of another database.")
