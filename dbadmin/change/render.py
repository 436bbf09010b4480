"""A plan in words and as the SQL script that it is."""

from dbadmin.change.actions import PREPARATIONS
from dbadmin.change.errors import reasons
from dbadmin.change.plan import Plan


def render(plan: Plan) -> str:
    """The exact SQL of the plan, with the losses and what is in the way as comments; runs in the sqlite3 shell."""
    start = "a file without a version" if plan.from_version is None else f"version {plan.from_version}"
    lines = [f"-- From {start} to version {plan.to_version}. Plan {plan.hash}"]
    lines += [f"-- Keeps {name}, which the version has not" for name in plan.kept]
    lines += [f"-- LOSES {name}: {count}" for name, count in plan.losses.items()]
    lines += [f"-- BLOCKED: {reason}" for reason in reasons(plan.blocked)]
    if not plan.actions:
        return "\n".join([*lines, "-- Nothing to do."] if plan.is_empty else lines) + "\n"
    lines += [f"{statement};" for statement in PREPARATIONS]
    for action in plan.actions:
        lines += [f"-- {action.kind} {action.name}", *(f"{_ended(statement)}" for statement in action.statements)]
    return "\n".join([*lines, "PRAGMA foreign_key_check;", "COMMIT;"]) + "\n"


def _ended(statement: str) -> str:
    # A comment at the end would swallow the semicolon.
    return f"{statement}\n;" if "--" in statement.rpartition("\n")[2] else f"{statement};"
