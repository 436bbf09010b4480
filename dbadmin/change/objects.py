"""Indexes, views and triggers of a plan: those that go or change are dropped first, those that lack are made last."""

from dbadmin.change import full_text
from dbadmin.change.actions import Action, Kind, quote
from dbadmin.change.bench import Bench
from dbadmin.schema.model import Index, Schema, Trigger, View

_CREATE = {Index: Kind.CREATE_INDEX, Trigger: Kind.CREATE_TRIGGER, View: Kind.CREATE_VIEW}
_DROP = {Index: Kind.DROP_INDEX, Trigger: Kind.DROP_TRIGGER, View: Kind.DROP_VIEW}


def drop(bench: Bench, expected: Schema) -> None:
    """Drop what is not as expected and not kept."""
    actual = bench.schema()
    for kind in ("trigger", "view", "index"):
        wanted = expected.as_kinds()[kind]
        for name, made in actual.as_kinds()[kind].items():
            if made != wanted.get(name) and (kind, name) not in bench.kept:
                bench.do(Action(_DROP[type(made)], name, (f"DROP {kind.upper()} {quote(name)}",)))


def create(bench: Bench, expected: Schema) -> set[str]:
    """Create what is missing; returns the full text tables that missed rows while a trigger was not there."""
    actual, stale = bench.schema(), set()
    for kind in ("index", "view", "trigger"):
        for name, made in expected.as_kinds()[kind].items():
            if name in actual.as_kinds()[kind]:
                continue
            table = made.table if isinstance(made, Index) and made.unique else ""
            bench.do(Action(_CREATE[type(made)], name, (made.sql,), table=table))
            if isinstance(made, Trigger):
                stale |= _served(made, expected)
    return stale


def _served(trigger: Trigger, schema: Schema) -> set[str]:
    """The full text tables that the trigger keeps up to date."""
    words = set(trigger.tokens.split())
    return {name for name, table in schema.tables.items() if full_text.is_refreshable(table) and name in words}
