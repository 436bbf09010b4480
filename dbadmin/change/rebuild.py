"""The rebuild of a table that ALTER TABLE cannot change: a new one from the canonical DDL, with the old one's rows.

After https://www.sqlite.org/lang_altertable.html#otheralter, with one difference: the old table is renamed away and the
new one made by the canonical text as it is. With legacy_alter_table on and foreign keys off, a rename changes nothing
that refers to the table, which is what makes this order safe: views, other tables' triggers and references stay.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from dbadmin.change.actions import Action, Copying, Kind, Loss
from dbadmin.change.columns import becomes_another, definition, free_rowid_names, rowid_alias, rowid_name
from dbadmin.schema.model import Column, Table
from dbadmin.schema.tokens import literal, quote


@dataclass(frozen=True)
class Rebuild:
    """What makes `actual` into `expected`.

    `aside` is a free name for the old table; `values` are the registry's expressions for columns, in which the columns
    may go by `former_names` ({former: present}); `kept` are columns to keep that `expected` has not; `recreated` is the
    DDL of the indexes and triggers that go with the old table; `names` are what losses call the columns that the file
    has.
    """

    actual: Table
    expected: Table
    aside: str
    values: Mapping[str, str]
    former_names: Mapping[str, str]
    kept: tuple[Column, ...]
    recreated: tuple[str, ...]
    names: Mapping[str, str]

    def action(self) -> Action:
        """The action, with all its statements."""
        name, copying = self.expected.name, self._copying()
        statements = (
            "PRAGMA legacy_alter_table = ON",
            f"ALTER TABLE {quote(name)} RENAME TO {quote(self.aside)}",
            "PRAGMA legacy_alter_table = OFF",
            self.expected.sql,
            # Of a table without rows ADD COLUMN takes any; what a column is computed from has to be there before it.
            *(
                f"ALTER TABLE {quote(name)} ADD COLUMN {definition(column)}"
                for column in sorted(self.kept, key=lambda column: bool(column.generated))
            ),
            copying.sql,
            *(_marks(name, self.aside) if self.expected.autoincrement else ()),
            f"DROP TABLE {quote(self.aside)}",
            *self.recreated,
        )
        changes = tuple(self._changes(dict(zip(copying.columns, copying.values, strict=True))))
        return Action(Kind.REBUILD_TABLE, name, statements, table=name, copying=copying, changes=changes)

    def _copying(self) -> Copying:
        copied = [column for column in self.kept if not column.generated]
        chosen = self._chosen() | {column.name: self._read_as[column.name] for column in copied}
        rowid = rowid_name(self.actual)
        # Where columns have all names of the rowid, nobody can say it: the rows are numbered anew, in their order.
        if rowid and self._number and self._number not in chosen:
            chosen[self._number] = rowid
        return Copying(self.expected.name, tuple(chosen), tuple(chosen.values()), self._source(), rowid)

    @cached_property
    def _number(self) -> str:
        """What the new table's rows are numbered by: a column, or a name of the rowid that none has; "" without one."""
        kept = {column.name: column for column in self.kept}
        return rowid_alias(self.expected) or rowid_name(replace(self.expected, columns=self.expected.columns | kept))

    def _changes(self, chosen: Mapping[str, str]) -> Iterator[Loss]:
        """The values that are there before and after, and may not be the same."""
        match = self._match(chosen)
        is_as_strict = self.actual.strict == self.expected.strict  # ANY is another type where a table is not
        for name, before in self.actual.columns.items():
            is_alike = is_as_strict and before.type == self.expected.columns.get(name, before).type
            if name not in self.names or name not in chosen or (is_alike and name not in self.values):
                continue
            was, now = f"was.{quote(name)}", f"now.{quote(name)}"
            rows = f"FROM {quote(self.aside)} AS was NOT INDEXED"
            if match:
                # A row whose key became another is without its like, and counts.
                rows += f" LEFT JOIN {quote(self.expected.name)} AS now ON {match} WHERE {becomes_another(was, now)}"
            else:
                rows += f" WHERE {was} IS NOT NULL"  # nobody can tell which row became which
            how = "written over" if name in self.values else "as it is written"
            yield Loss(f"{self.names[name]} ({how})", f"SELECT count(*) {rows}")

    def _match(self, chosen: Mapping[str, str]) -> str:
        """The condition that a row of the new table is one of the old table; "" where there is none."""
        rowid, alias = rowid_name(self.actual), rowid_alias(self.expected)
        if rowid and self._number:
            was_alias = alias is not None and alias == rowid_alias(self.actual) and alias not in self.values
            if was_alias or chosen[self._number] == rowid:
                return f"now.{quote(alias) if alias else self._number} = was.{rowid}"
        keys = [name for name, column in self.expected.columns.items() if column.primary_key]
        if not keys or any(name not in self.actual.columns or name in self.values for name in keys):
            return ""
        # The plus takes the old column's affinity away, so that the new one's makes of the old key what it has become.
        return " AND ".join(f"now.{quote(name)} IS +was.{quote(name)}" for name in keys)

    def looks(self, *, twice: str) -> Iterator[tuple[str, str]]:
        """Two queries for each of the values, over the table as it is and with one of its columns twice.

        A value that is of the column has no meaning in the second alone. Without the column, SQLite would take its name
        in double quotes for a string.
        """
        again = ", ".join(f"NULL AS {quote(known_as)}" for known_as, name in self._names.items() if name == twice)
        source = self._with_former_names(quote(self.actual.name))
        for value in self.values.values():
            once = f"SELECT ({value}) FROM {source}"  # noqa: S608
            yield once, f"{once}, (SELECT {again})"

    @cached_property
    def _names(self) -> dict[str, str]:
        """The present names of the columns by those that `values` know: a former one may be another's present one."""
        names = {name: name for name in self.actual.columns}
        return names | dict(self.former_names) if self.values else names

    @cached_property
    def _read_as(self) -> dict[str, str]:
        """By which name, in quotes, the columns are read, by their present ones."""
        return {name: quote(known_as) for known_as, name in self._names.items()}

    def _source(self) -> str:
        """The old table itself, whose indexes may lack rows; where expressions need it, with the former names too."""
        source = f"{quote(self.aside)} NOT INDEXED"
        return self._with_former_names(source) if self.former_names and self.values else source

    def _with_former_names(self, table: str) -> str:
        columns = [f"{quote(name)} AS {quote(known_as)}" for known_as, name in self._names.items()]
        if rowid := rowid_name(self.actual):
            columns.extend(f"{rowid} AS {name}" for name in free_rowid_names(self.actual.columns))
        return f"(SELECT {', '.join(columns)} FROM {table})"  # noqa: S608

    def _chosen(self) -> dict[str, str]:
        """What each column gets. One that is left out gets its default, worked out for every row."""
        chosen = {}
        for name, column in self.expected.columns.items():
            before = self.actual.columns.get(name)
            if column.generated:
                continue
            if name in self.values:
                chosen[name] = f"({self.values[name]})"
            elif before is not None:
                must_fill = column.not_null and column.default is not None and not before.not_null
                value = self._read_as[name]
                chosen[name] = f"coalesce({value}, ({column.default}))" if must_fill else value
                if name == rowid_alias(self.expected) != rowid_alias(self.actual):
                    # In the place of NULL it would give the row any free number, and with it what refers to that one.
                    chosen[name] = f"coalesce({chosen[name]}, 'NULL')"
        return chosen


def _marks(name: str, aside: str) -> tuple[str, ...]:
    """Keep the highest number ever given out, so that none is given out twice."""
    old, new = literal(aside), f"{literal(name)} COLLATE NOCASE"
    stored_name = f"SELECT name FROM sqlite_schema WHERE type = 'table' AND name = {new}"  # noqa: S608
    return (
        "UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence"  # noqa: S608
        f" WHERE name = {old} OR name = {new}) WHERE name = {new}",
        f"INSERT INTO sqlite_sequence (name, seq) SELECT ({stored_name}), seq FROM sqlite_sequence"  # noqa: S608
        f" WHERE name = {old} AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = {new})",
    )
