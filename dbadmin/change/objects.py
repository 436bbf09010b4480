"""Indexes, views and triggers of a plan: those that go or change are dropped first, those that lack are made last."""

from collections.abc import Collection

from dbadmin.change import full_text
from dbadmin.change.actions import Action, Kind
from dbadmin.change.bench import Bench
from dbadmin.change.twin import Twin
from dbadmin.schema.model import Index, Schema, Trigger, View
from dbadmin.schema.tokens import quote, tokenize

_CREATE = {Index: Kind.CREATE_INDEX, Trigger: Kind.CREATE_TRIGGER, View: Kind.CREATE_VIEW}
_DROP = {Index: Kind.DROP_INDEX, Trigger: Kind.DROP_TRIGGER, View: Kind.DROP_VIEW}


def drop(bench: Bench, expected: Schema) -> None:
    """Drop what is not as expected and not kept."""
    actual = bench.schema()
    for kind in ("trigger", "view", "index"):
        wanted = expected.as_kinds()[kind]
        for name, made in actual.as_kinds()[kind].items():
            if made != wanted.get(name) and (name in wanted or (kind, name) not in bench.kept):
                bench.do(_dropping(kind, made))


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


def drop_broken(bench: Bench) -> None:
    """Drop what is kept and cannot work any more: a trigger would stop every write, a view every rename."""
    for name, view in bench.schema().views.items():
        if ("view", name) in bench.kept and not bench.twin.can(f"SELECT * FROM {quote(name)}"):  # noqa: S608
            bench.kept.remove(("view", name))
            bench.do(_dropping("view", view))
    schema = bench.schema()
    triggers = {
        name: trigger
        for name, trigger in schema.triggers.items()
        if ("trigger", name) in bench.kept and trigger.table in schema.tables.keys() | schema.views.keys()
    }
    for name, trigger in triggers.items():
        left = [other for other in triggers if other != name and ("trigger", other) in bench.kept]
        others = [f"DROP TRIGGER {quote(other)}" for other in left]
        if not bench.twin.can(_firing(trigger, bench.twin), after=others):
            bench.kept.remove(("trigger", name))
            bench.do(_dropping("trigger", trigger))


def drop_indexes_of(bench: Bench, table: str, columns: Collection[str]) -> None:
    """Drop the kept indexes of columns that go."""
    for name, index in bench.schema().indexes.items():
        if index.table == table and ("index", name) in bench.kept and _names_in(index) & set(columns):
            bench.kept.remove(("index", name))
            bench.do(_dropping("index", index))


def _dropping(kind: str, made: Index | Trigger | View) -> Action:
    table = made.table if isinstance(made, Index) and made.unique else ""  # rows may refer to what is its key
    return Action(_DROP[type(made)], made.name, (f"DROP {kind.upper()} {quote(made.name)}",), table=table)


def _names_in(index: Index) -> set[str]:
    """What an index may be of: all names in its parts and its condition."""
    tokens = tokenize(index.sql)
    start = next(place for place, token in enumerate(tokens) if token.is_operator("("))
    return {token.name for token in tokens[start:] if token.kind in {"word", "quoted"}}


def _firing(trigger: Trigger, twin: Twin) -> str:
    """A statement that fires the trigger."""
    event = next(word for word in trigger.tokens.split() if word in {"INSERT", "UPDATE", "DELETE"})
    table = quote(trigger.table)
    if event == "INSERT":
        return f"INSERT INTO {table} DEFAULT VALUES"
    if event == "DELETE":
        return f"DELETE FROM {table}"  # noqa: S608
    columns = map(quote, twin.writable_columns(trigger.table))
    return f"UPDATE {table} SET {', '.join(f'{name} = {name}' for name in columns)}"  # noqa: S608


def _served(trigger: Trigger, schema: Schema) -> set[str]:
    """The full text tables that the trigger keeps up to date."""
    words = set(trigger.tokens.split())
    return {name for name, table in schema.tables.items() if full_text.is_refreshable(table) and name in words}
