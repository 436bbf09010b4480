"""Doing one action of a plan, on the file or on a copy of it."""

import sqlite3

from dbadmin.change.actions import Action


def perform(connection: sqlite3.Connection, action: Action) -> dict[str, int]:
    """Run the statements; returns how many values became others, by the names of the action's `changes`."""
    changed = {}
    for statement in action.statements:
        connection.execute(statement)
        if action.copying and statement == action.copying.sql:
            changed = {loss.name: connection.execute(loss.query).fetchone()[0] for loss in action.changes}
    return changed
