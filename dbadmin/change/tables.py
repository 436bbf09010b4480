"""Tables of a plan: renamed as the registry says, created, given columns, rebuilt, dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dbadmin.change import full_text, objects
from dbadmin.change.actions import Action, Kind
from dbadmin.change.bench import Bench
from dbadmin.change.columns import add_column, is_addable
from dbadmin.change.rebuild import Rebuild
from dbadmin.full_text_check import reading_content
from dbadmin.schema.model import Column, Index, Schema, Table, Trigger
from dbadmin.schema.steps import Step
from dbadmin.schema.tokens import quote


def rename(bench: Bench, step: Step) -> None:
    """Rename what the step renames; SQLite brings views, triggers and references along."""
    for old, new in step.rename_tables.items():
        statement = f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}"
        bench.do(Action(Kind.RENAME_TABLE, f"{old} to {new}", (statement,)))
        bench.rename_table(old, new)
    for written, new in step.rename_columns.items():
        table, _, old = written.partition(".")
        statement = f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}"
        bench.do(Action(Kind.RENAME_COLUMN, f"{written} to {new}", (statement,)))
        bench.origins.rename_column(table, old, new)


def change(bench: Bench, expected: Schema, step: Step) -> set[str]:
    """Create and change tables; returns the full text tables whose index is to be built from its content again."""
    written = set()
    for table in sorted(expected.tables.values(), key=lambda table: bool(table.module)):
        actual = bench.schema().tables.get(table.name)
        if actual is None:
            kind = Kind.CREATE_VIRTUAL_TABLE if table.module else Kind.CREATE_TABLE
            bench.do(Action(kind, table.name, (table.sql,)))
            written.add(table.name)
        elif _change(bench, actual, table, step):
            written.add(table.name)
    # What is kept, of an operator, may be of text that it cannot read any more: the deep check tells that.
    return {
        table.name
        for table in bench.schema().tables.values()
        if full_text.is_refreshable(table)
        and {table.name, table.content} & written
        and (table.name in expected.tables or bench.twin.can(reading_content(table)))
    }


def drop(bench: Bench, expected: Schema, step: Step) -> None:
    """Drop the tables that are not expected and not kept. The rows of one that `after` reads went elsewhere."""
    for table in bench.schema().tables.values():
        if table.name not in expected.tables and ("table", table.name) not in bench.kept:
            dropping = f"DROP TABLE {quote(table.name)}"
            moved = any(not bench.twin.can(statement, after=[dropping]) for statement in step.after)
            bench.do(Action(Kind.DROP_TABLE, table.name, (dropping,), table="" if table.module else table.name))
            bench.origins.drop_table(table, moved=moved)


def _change(bench: Bench, actual: Table, expected: Table, step: Step) -> bool:
    """Make a table what it should be; tells whether its rows were written anew."""
    values = _of_table(step.fill, expected.name)
    extra = {
        name: column for name, column in actual.columns.items() if ("column", f"{actual.name}.{name}") in bench.kept
    }
    # What was beyond an older version may be this one's own.
    kept = {name: column for name, column in extra.items() if name not in expected.columns}
    bench.kept -= {("column", f"{actual.name}.{name}") for name in extra.keys() - kept.keys()}
    wanted = replace(expected, columns=expected.columns | kept)
    if actual == wanted and not values:
        return False
    if expected.module or actual.module:
        _remake(bench, actual, expected)
        return True
    missing = [column for name, column in wanted.columns.items() if name not in actual.columns]
    widened = replace(actual, columns=actual.columns | {column.name: column for column in missing})
    adding = [add_column(actual.name, column) for column in missing]
    after = [statement for action in adding for statement in action.statements]
    # One that is computed from a later one cannot be added before it.
    is_enough = widened == wanted and not values and all(map(is_addable, missing))
    if is_enough and bench.twin.can(f"SELECT * FROM {quote(actual.name)}", after=after):  # noqa: S608
        for action in adding:
            bench.do(action)
        return False
    _rebuild(bench, actual, expected, step, tuple(kept))
    return True


def _remake(bench: Bench, actual: Table, expected: Table) -> None:
    """Make a full text table anew, or of one; rows that it keeps itself are kept, with their rowids."""
    names = bench.origins.columns(actual.name)
    bench.origins.remake(actual, expected)
    if actual.content is None:
        before, after = _with_columns(actual), _with_columns(expected)
        action = Rebuild(before, after, bench.free_name(actual.name), {}, {}, (), (), names).action()
        bench.do(replace(action, kind=Kind.REBUILD_VIRTUAL_TABLE))
    else:
        statements = (f"DROP TABLE {quote(actual.name)}", expected.sql)
        bench.do(Action(Kind.REBUILD_VIRTUAL_TABLE, expected.name, statements))


def _with_columns(table: Table) -> Table:
    """The table with columns as a virtual one keeps them: of any type."""
    return replace(table, columns={name: table.columns.get(name, Column(name, "")) for name in table.column_names})


def _rebuild(bench: Bench, actual: Table, expected: Table, step: Step, kept: Sequence[str]) -> None:
    dropped = [name for name in actual.columns if name not in expected.columns and name not in kept]
    objects.drop_indexes_of(bench, actual.name, dropped)
    schema = bench.schema()
    beside: tuple[Index | Trigger, ...] = (*schema.indexes.values(), *schema.triggers.values())
    rebuild = Rebuild(
        actual,
        expected,
        aside=bench.free_name(actual.name),
        values=_of_table(step.fill, expected.name),
        former_names=_of_table(step.rename_columns, expected.name),
        kept=tuple(actual.columns[name] for name in kept),
        recreated=tuple(made.sql for made in beside if made.table == actual.name),
        names=bench.origins.columns(actual.name),
    )
    # The registry says by the expressions of `fill` where the values of an old column go.
    going = [*dropped, *_computed(actual, expected)]
    moved = {
        name
        for name in going
        if any(bench.twin.can(once) and not bench.twin.can(twice) for once, twice in rebuild.looks(twice=name))
    }
    bench.do(rebuild.action())
    for name in going:
        bench.origins.drop_column(expected.name, actual.columns[name], moved=name in moved)


def _computed(actual: Table, expected: Table) -> list[str]:
    """The columns whose values give way to computed ones."""
    return [
        name
        for name, column in actual.columns.items()
        if name in expected.columns and expected.columns[name].generated and not column.generated
    ]


def _of_table(entries: Mapping[str, str], table: str) -> dict[str, str]:
    """The part of {table.column: something} that is about one table, by column."""
    split = [(written.partition("."), value) for written, value in entries.items()]
    return {column: value for (name, _, column), value in split if name == table}
