"""One change of one database, by the verb that knows how."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dbadmin.batch.wish import Wish
from dbadmin.change.apply import apply
from dbadmin.change.errors import StalePlanError
from dbadmin.change.plan import Plan, make_plan
from dbadmin.change.rollback import bring_back, is_restored, restore
from dbadmin.change.snapshots import Snapshot, Snapshots
from dbadmin.change.state import content_state
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, Outcome, What
from dbadmin.opening import open_database, translated
from dbadmin.salvage.errors import NotCorruptError
from dbadmin.salvage.salvage import report_of, salvage


@dataclass(frozen=True)
class Done:
    """What came of a change that did not fail. `snapshot` is the id of the one taken before it, `seconds` its time."""

    outcome: Outcome
    plan: Plan | None = None
    snapshot: str = ""
    seconds: float | None = None
    report: dict[str, Any] = field(default_factory=dict)


def carry_out(
    fleet: Fleet,
    wish: Wish,
    change: DatabaseChange,
    *,
    timeout: float,
    interrupt: Callable[[], None],
    resumed: bool = False,
) -> Done:
    """Do it, or leave the file as it was and raise FleetError; `interrupt` is called between the steps.

    `resumed`: an attempt that was killed may have done it already; it is not done again then. `timeout` is how long a
    lock is waited for, in seconds.
    """
    path, made_for = fleet.path_of(change.record.database_id), str(change.pk)
    if wish.what == What.SALVAGE:
        return _salvage(fleet, path, made_for, resumed=resumed)
    if wish.what == What.ROLLBACK:
        return _roll_back(fleet, path, wish, made_for, timeout=timeout, resumed=resumed)
    shown = None if wish.plan_hash else _shown(wish, change)
    consent = shown.plan_hash if shown else wish.plan_hash or None
    if resumed and (snapshot := _done_before(fleet, wish, path, consent, made_for)):
        return Done(Outcome.CHANGED, snapshot=snapshot)
    do = partial(
        apply,
        path,
        fleet.registry,
        Snapshots(fleet.snapshots_folder),
        to_version=wish.to_version,
        interrupt=interrupt,
        timeout=timeout,
        made_for=made_for,
    )
    try:
        applied = do(consent=consent)
    except StalePlanError:
        if shown is None or shown.report["losses"]:
            raise
        applied = do()  # what loses nothing needs no consent, and may differ from what was shown
    if applied.snapshot is None:
        return Done(Outcome.UNCHANGED, applied.plan, seconds=applied.seconds)
    report = {
        "actions": len(applied.plan.actions),
        "losses": dict(applied.plan.losses),
        "kept": list(applied.plan.kept),
    }
    return Done(Outcome.CHANGED, applied.plan, applied.snapshot.id, applied.seconds, report)


def plan_of(fleet: Fleet, wish: Wish, database_id: str) -> Plan:
    """What would be done to a database; nothing is. With `allow_destructive` what is beyond its version would go."""
    path = fleet.path_of(database_id)
    with translated(path), closing(open_database(path)) as connection:
        return make_plan(connection, fleet.registry, wish.to_version, keep_extra=not wish.allow_destructive)


def _roll_back(fleet: Fleet, path: Path, wish: Wish, made_for: str, *, timeout: float, resumed: bool) -> Done:
    snapshots, report = Snapshots(fleet.snapshots_folder), {"restored": wish.snapshot}
    if resumed and (done := _rolled_back(path, snapshots, wish.snapshot, made_for)) is not None:
        return Done(Outcome.CHANGED, snapshot=done, report=report)
    if not path.exists():
        bring_back(path, snapshots, wish.snapshot, timeout=timeout, made_for=made_for)
        return Done(Outcome.CHANGED, report=report)
    consent = wish.allow_destructive
    replaced = restore(
        path, fleet.registry, snapshots, wish.snapshot, consent=consent, timeout=timeout, made_for=made_for
    )
    return Done(Outcome.CHANGED, snapshot=replaced.id, report=report)


def _rolled_back(path: Path, snapshots: Snapshots, snapshot_id: str, made_for: str) -> str | None:
    """The snapshot of this very rollback if it was done, "" of a file that was gone; None if it was not.

    What the rollback left is noted when it is done. Killed between the two, the file tells by what it has.
    """
    own = _own_of(snapshots.of(path.parent.name), made_for)
    if own and own.after:
        return own.id
    if snapshots.get(snapshot_id).put_for == made_for:
        return ""
    if not path.exists():
        return None
    with translated(path), closing(open_database(path)) as connection:
        return (own.id if own else "") if is_restored(connection, path, snapshots, snapshot_id) else None


def _salvage(fleet: Fleet, path: Path, made_for: str, *, resumed: bool) -> Done:
    try:
        report = salvage(path, fleet.registry, fleet.quarantine_folder, made_for=made_for)
    except NotCorruptError as error:
        if resumed and (done := report_of(path, fleet.quarantine_folder, made_for)):
            return Done(Outcome.CHANGED, report=done)
        return Done(Outcome.UNCHANGED, report={"reason": str(error)})
    return Done(Outcome.CHANGED, report=report.as_data())


def _shown(wish: Wish, change: DatabaseChange) -> DatabaseChange | None:
    """The dry run in question, or the latest of the same change, if it had what can be done and is agreed to.

    A plan that loses nothing is agreed to by having it carried out.
    """
    if not (wish.allow_destructive or wish.planned_by):
        return None
    shown = DatabaseChange.objects.history().filter(
        record_id=change.record_id, is_dry_run=True, what=change.what, to_version=change.to_version
    )
    if wish.planned_by:
        shown = shown.filter(job_id=wish.planned_by)
    latest = shown.exclude(outcome=Outcome.CANCELLED).first()
    if latest is None or latest.outcome != Outcome.PLANNED or latest.report["blocked"]:
        return None
    return latest if wish.allow_destructive or not latest.report["losses"] else None


def _done_before(fleet: Fleet, wish: Wish, path: Path, consent: str | None, made_for: str) -> str:
    """The snapshot of this very change, if it was committed though nobody lived to write it down; else empty.

    A snapshot alone proves nothing, nor does what is noted of its change: both are made before the commit. What the
    next change took a snapshot of tells, or the file: it has to be as the change left it, or, when somebody has written
    since, to need nothing any more, nor to have what was agreed to lose.
    """
    snapshots = Snapshots(fleet.snapshots_folder)
    taken = snapshots.of(path.parent.name)
    own = _own_of(taken, made_for)
    if own is None or not own.after:
        return ""
    later = [one for one in taken if one.taken_at > own.taken_at]
    if later:
        with translated(later[-1].path), snapshots.opened(later[-1]) as copy:
            return own.id if content_state(copy, later[-1].path) == own.after else ""
    with translated(path), closing(open_database(path)) as connection:
        if content_state(connection, path) == own.after:
            return own.id
        plan = partial(make_plan, connection, fleet.registry, wish.to_version)
        if not plan().is_empty:
            return ""
        to_lose = plan(keep_extra=False) if consent else None
        return "" if to_lose and to_lose.hash == consent else own.id


def _own_of(taken: Sequence[Snapshot], made_for: str) -> Snapshot | None:
    return next((one for one in taken if one.made_for == made_for), None)
