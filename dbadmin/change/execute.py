"""Running the actions of a plan in a transaction that is open, and looking whether they did what they should."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping

from dbadmin.change.actions import PREPARATIONS
from dbadmin.change.errors import BlockedError, ChangeFailedError, reasons
from dbadmin.change.perform import perform
from dbadmin.change.plan import Plan
from dbadmin.change.references import new_broken_references, read_broken_references
from dbadmin.change.twin import stored
from dbadmin.schema.introspect import read_rows
from dbadmin.schema.model import METADATA_TABLE

_FULL = 1  # what PRAGMA auto_vacuum says of a file that frees its pages by itself


def begin(connection: sqlite3.Connection) -> None:
    """Take the write lock."""
    for statement in PREPARATIONS:
        connection.execute(statement)


def execute(connection: sqlite3.Connection, plan: Plan, interrupt: Callable[[], None]) -> dict[str, int]:
    """Run the plan's actions; returns how many values became others, by the names of their losses.

    What it raises leaves the transaction to be rolled back.

    Raises sqlite3.Error for rows that do not fit, BlockedError for references that would lead nowhere,
    ChangeFailedError for a schema or a version that is not the one planned.
    """
    before = read_broken_references(connection)
    changed: Counter[str] = Counter()
    for action in plan.actions:
        interrupt()
        changed.update(perform(connection, action))
    if broken := new_broken_references(before, read_broken_references(connection)):
        raise blocked_error(broken)
    if stored(read_rows(connection)) != plan.result:
        raise ChangeFailedError("The schema did not become what was planned; everything was rolled back.")
    # A trigger of an operator's may have kept the version from being written.
    if connection.execute(f"SELECT schema_version FROM {METADATA_TABLE}").fetchall() != [(plan.to_version,)]:  # noqa: S608
        raise ChangeFailedError("The metadata did not become what was planned; everything was rolled back.")
    _free_pages(connection)
    return +changed


def _free_pages(connection: sqlite3.Connection) -> None:
    """Give free pages back where COMMIT would, which would move others after it was noted what the change leaves."""
    if connection.execute("PRAGMA auto_vacuum").fetchone() == (_FULL,):
        for _ in range(connection.execute("PRAGMA freelist_count").fetchone()[0]):
            connection.execute("PRAGMA incremental_vacuum")  # one page: sqlite3 runs no more of it


def blocked_error(blocked: Mapping[str, int]) -> BlockedError:
    """The error for what stands in the way."""
    return BlockedError(f"The change cannot be made: {'; '.join(reasons(blocked))}.", blocked=blocked)
