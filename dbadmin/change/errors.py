"""Why a change was not made. Whenever one of these is raised, the file is as it was."""

from collections.abc import Mapping

from dbadmin.errors import FleetError
from nisam.lib.numbers import number_of


class StalePlanError(FleetError):
    """What was agreed to is not what would be done now: the file or its rows changed since the plan was shown."""

    code = "stale_plan"
    permanent = True


class ConsentNeededError(FleetError):
    """The change would lose data. `hash` names the plan to agree to, `losses` what goes, in rows."""

    code = "consent_needed"
    permanent = True

    def __init__(self, message: str, *, plan_hash: str, losses: Mapping[str, int]) -> None:
        super().__init__(message)
        self.hash = plan_hash
        self.losses = dict(losses)


class BlockedError(FleetError):
    """Rows do not fit the schema they should get, or nothing is known that leads there. `blocked` says why."""

    code = "blocked"
    permanent = True

    def __init__(self, message: str, *, blocked: Mapping[str, int]) -> None:
        super().__init__(message)
        self.blocked = dict(blocked)


def reasons(blocked: Mapping[str, int]) -> list[str]:
    """What blocks a change, each with how many rows it concerns where it is about rows."""
    return [f"{reason} ({number_of(rows, 'row')})" if rows else reason for reason, rows in blocked.items()]


def lost(losses: Mapping[str, int]) -> list[str]:
    """What a change loses: rows of a table, or values of a column, which a dot tells."""
    return [f"{name}: {number_of(count, 'value' if '.' in name else 'row')}" for name, count in losses.items()]


class ChangedSinceError(FleetError):
    """The file was written to after the change that is to be undone; restoring the snapshot would lose that."""

    code = "changed_since"
    permanent = True


class UnknownSnapshotError(FleetError):
    """There is no such snapshot."""

    code = "unknown_snapshot"
    permanent = True


class ChangeFailedError(FleetError):
    """The change came out otherwise than planned, and was rolled back."""

    code = "change_failed"
