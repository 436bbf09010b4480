"""What a plan is made on: the twin, the actions so far, what is kept, and where everything came from."""

from dbadmin.change.actions import Action
from dbadmin.change.origins import Origins
from dbadmin.change.twin import Twin
from dbadmin.schema.model import Schema


class Bench:
    """The state of a plan in the making. `kept` has the (kind, name) of what stays though no version has it."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.actions: list[Action] = []
        self.kept: set[tuple[str, str]] = set()
        self.origins = Origins(twin.schema())

    def do(self, action: Action) -> None:
        """Do an action on the twin and add it to the plan; raises sqlite3.Error where SQLite refuses."""
        self.twin.run(action)
        self.actions.append(action)

    def schema(self) -> Schema:
        """The schema after the actions so far."""
        return self.twin.schema()

    def keep_extras(self, expected: Schema) -> None:
        """Keep what there is beyond `expected`; columns go by table.column."""
        actual = self.schema()
        for kind, objects in actual.as_kinds().items():
            self.kept |= {(kind, name) for name in objects if name not in expected.as_kinds()[kind]}
        for name, table in actual.tables.items():
            if name in expected.tables and not table.module:
                extra = table.columns.keys() - expected.tables[name].columns.keys()
                self.kept |= {("column", f"{name}.{column}") for column in extra}

    def rename_table(self, old: str, new: str) -> None:
        """Follow a table to its new name."""
        self.origins.rename_table(old, new)
        self.kept = {(kind, _moved(name, old, new) if kind == "column" else name) for kind, name in self.kept}

    def kept_names(self) -> tuple[str, ...]:
        """The names of what is kept and still there: some goes with the table or view that it belongs to."""
        schema = self.schema()
        there = {(kind, name) for kind, objects in schema.as_kinds().items() for name in objects}
        there |= {("column", f"{table.name}.{name}") for table in schema.tables.values() for name in table.columns}
        return tuple(sorted(name for _, name in self.kept & there))

    def free_name(self, name: str) -> str:
        """A name that nothing has, for a table that is put aside."""
        taken, free = self.twin.names(), f"{name}_before"
        while free in taken:
            free += "_"
        return free


def _moved(name: str, old: str, new: str) -> str:
    table, dot, column = name.partition(".")
    return f"{new}{dot}{column}" if table == old else name
