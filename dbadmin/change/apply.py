"""Carrying out a plan on a file, in place: all of it or nothing, after a snapshot.

The snapshot is taken while the write lock is held, by a second connection, which sees what was committed. So nobody can
write between the snapshot and the change, and a rollback loses nothing that was there before.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from dbadmin.change.damage import Damage, find_damage
from dbadmin.change.errors import ConsentNeededError, StalePlanError
from dbadmin.change.execute import begin, blocked_error, execute
from dbadmin.change.lock import administering
from dbadmin.change.plan import Plan, outline, tried
from dbadmin.change.snapshots import Snapshot, Snapshots
from dbadmin.change.state import content_state
from dbadmin.change.trial import is_about_rows, try_out
from dbadmin.opening import BUSY_SECONDS, PRIMARY_CODE, open_database, translated
from dbadmin.schema.registry import Registry


@dataclass(frozen=True)
class Applied:
    """What was done; `snapshot` is None where nothing was to be done. `seconds` is how long it took."""

    plan: Plan
    snapshot: Snapshot | None
    seconds: float


def never() -> None:
    """The `interrupt` of whoever does not want to."""


def apply(
    path: Path,
    registry: Registry,
    snapshots: Snapshots,
    *,
    to_version: int | None = None,
    consent: str | None = None,
    interrupt: Callable[[], None] = never,
    timeout: float = BUSY_SECONDS,
    made_for: str = "",
) -> Applied:
    """Bring the file to `to_version` (None: the latest), or leave it exactly as it was and raise.

    `consent` is the hash of the plan that was agreed to; None agrees to any that loses nothing. `interrupt` is called
    between the steps, to raise whatever is to stop them. `timeout` is how long each lock is waited for, in seconds.
    `made_for` is noted with the snapshot. Raises BusyError, StalePlanError, ConsentNeededError, BlockedError,
    UnknownVersionError, CorruptError, DiskFullError, UnreadableError, ChangeFailedError.
    """
    began = time.perf_counter()
    with (
        translated(path),
        administering(path, timeout=timeout),
        closing(open_database(path, write=True, timeout=timeout)) as connection,
    ):
        damage = find_damage(connection)
        interrupt()
        begin(connection)
        plan = _agreed(connection, path, registry, to_version, consent=consent, damage=damage)
        if plan.is_empty:
            return Applied(plan, None, time.perf_counter() - began)
        try:
            snapshot = _change(connection, path, plan, snapshots, made_for=made_for, interrupt=interrupt)
        except sqlite3.Error as error:
            if not is_about_rows(error):
                raise
            connection.rollback()
            raise blocked_error(try_out(connection, plan.actions).blocked or {str(error): 0}) from error
    return Applied(plan, snapshot, time.perf_counter() - began)


def _agreed(
    connection: sqlite3.Connection,
    path: Path,
    registry: Registry,
    to_version: int | None,
    *,
    consent: str | None,
    damage: Damage,
) -> Plan:
    """The plan that consent allows, as things are under the lock. Without consent, which values it changes is open."""
    plan = outline(connection, registry, to_version, keep_extra=True, damage=damage)
    if consent:
        plan = _counted(path, plan)
        if plan.hash != consent:
            plan = _counted(path, outline(connection, registry, to_version, keep_extra=False, damage=damage))
        if plan.hash != consent and not plan.is_empty:  # what was agreed to may be done already
            raise StalePlanError(
                "What was agreed to is not the plan of the database as it is now: look at the new one."
            )
    needs_consent = plan.is_destructive and not consent
    if needs_consent:  # which is of no use where the rows do not fit
        plan = _tried(path, plan)
    if plan.blocked:
        raise blocked_error(plan.blocked)
    if needs_consent:
        raise _consent_needed(plan)
    return plan


def _counted(path: Path, plan: Plan) -> Plan:
    """The plan with the values that it changes; what is in its way comes to light when it is carried out."""
    return _tried(path, plan) if any(action.changes for action in plan.actions) else plan


def _tried(path: Path, plan: Plan) -> Plan:
    """The plan as a second connection finds it by doing it on a copy: SQLite copies none that writes."""
    with closing(open_database(path)) as reader:
        return tried(reader, plan)


def _consent_needed(plan: Plan) -> ConsentNeededError:
    lost = ", ".join(f"{name}: {count}" for name, count in plan.losses.items())
    words = f"This would lose {lost}. Agree to it by the plan's hash, {plan.hash}."
    return ConsentNeededError(words, plan_hash=plan.hash, losses=plan.losses)


def _change(
    connection: sqlite3.Connection,
    path: Path,
    plan: Plan,
    snapshots: Snapshots,
    *,
    made_for: str,
    interrupt: Callable[[], None],
) -> Snapshot:
    snapshot = snapshots.take(path, path.parent.name, made_for=made_for)
    try:
        changed = execute(connection, plan, interrupt)
        if changed.items() - plan.losses.items():
            raise _consent_needed(replace(plan, losses={**plan.losses, **changed}))
        snapshot = snapshots.note_after(snapshot, content_state(connection, path))
        interrupt()
        connection.execute("COMMIT")
    except BaseException as error:
        if not _may_be_done(error, connection):
            snapshots.discard(snapshot)
        raise
    return snapshot


def _may_be_done(error: BaseException, connection: sqlite3.Connection) -> bool:
    """After an I/O error in the middle of COMMIT only the disk knows; every other error means that it was not done.

    What is no error, as Ctrl-C, may also come when COMMIT has just been done.
    """
    if isinstance(error, Exception):
        return isinstance(error, sqlite3.Error) and error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_IOERR
    return not connection.in_transaction
