"""What of the file's present rows goes for good in the course of a plan, found out before anything is changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from dbadmin.change.columns import differs_as, rowid_name
from dbadmin.schema.model import Column, Schema, Table
from dbadmin.schema.tokens import quote, tokenize


@dataclass(frozen=True)
class Loss:
    """What would be lost, and the query that counts it in the file as it is."""

    name: str
    query: str


class Origins:
    """Follows tables and columns back, through the renames of a plan, to what they are called in the file."""

    def __init__(self, schema: Schema) -> None:
        self._tables = {name: name for name in schema.tables}
        self._columns = {(table.name, column): column for table in schema.tables.values() for column in table.columns}
        self.losses: list[Loss] = []

    def rename_table(self, old: str, new: str) -> None:
        """Note that a table has another name from here on."""
        if old in self._tables:
            self._tables[new] = self._tables.pop(old)
        self._columns = {(new if table == old else table, name): was for (table, name), was in self._columns.items()}

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Note that a column has another name from here on."""
        if (table, old) in self._columns:
            self._columns[table, new] = self._columns.pop((table, old))

    def drop_table(self, table: Table, *, moved: bool) -> None:
        """Note that a table goes, with all its rows; `moved` says that they were put elsewhere.

        The index of other tables' rows is no loss.
        """
        original = self._tables.pop(table.name, None)
        self._columns = {key: was for key, was in self._columns.items() if key[0] != table.name}
        if original and not moved and not (table.module and table.content):
            self.losses.append(Loss(original, f"SELECT count(*) FROM {quote(original)}"))  # noqa: S608

    def remake(self, actual: Table, expected: Table) -> None:
        """Note that a virtual table is made anew: what it keeps itself and the new one does not is lost."""
        original, content = self._tables.get(actual.name), actual.content
        if original is None or content:
            return
        if content is not None or (expected.module and expected.content is not None):
            self.losses.append(Loss(original, f"SELECT count(*) FROM {quote(original)}"))  # noqa: S608
            return
        for name in actual.column_names:
            if name not in expected.column_names:
                query = f"SELECT count({quote(name)}) FROM {quote(original)}"  # noqa: S608
                self.losses.append(Loss(f"{original}.{name}", query))

    def convert_column(self, table: str, before: Column, after: Column, *, strict: bool) -> None:
        """Note that a column gets another type, which writes some values in another way."""
        original = self._columns.get((table, before.name))
        if original is None or before.type == after.type or (strict and after.type == "ANY"):
            return
        if condition := differs_as(quote(original), after.type):
            source = self._tables[table]
            query = f"SELECT count(*) FROM {quote(source)} WHERE {condition}"  # noqa: S608
            self.losses.append(Loss(f"{source}.{original} (as it is written)", query))

    def write_over(self, table: Table, values: Mapping[str, str], former_names: Mapping[str, str]) -> None:
        """Note that columns get `values`, expressions over the table's columns: every value that changes is lost.

        Where an expression reads what the file has not yet, nobody can tell which change: all count.
        """
        source = self._tables.get(table.name)
        present = {name: was for (of, name), was in self._columns.items() if of == table.name}
        if source is None:
            return
        former = {name: present[now] for name, now in former_names.items() if now in present}
        columns = [f"{quote(was)} AS {quote(name)}" for name, was in (present | former).items()]
        if rowid := rowid_name(table):
            columns.append(f"{rowid} AS {rowid}")
        rows = f"SELECT {', '.join(columns)} FROM {quote(source)}"  # noqa: S608
        unknown = table.columns.keys() - present.keys()
        for name in values.keys() & present.keys():
            changed = f"{quote(name)} IS NOT ({values[name]})"
            condition = f"{quote(name)} IS NOT NULL" if words(values[name]) & unknown else changed
            query = f"SELECT count(*) FROM ({rows}) WHERE {condition}"  # noqa: S608
            self.losses.append(Loss(f"{source}.{present[name]} (written over)", query))

    def drop_column(self, table: str, column: Column, *, moved: bool) -> None:
        """Note that a column goes; `moved` says that its values were put elsewhere."""
        original = self._columns.pop((table, column.name), None)
        if original and not moved and not column.generated:
            source = self._tables[table]
            self.losses.append(Loss(f"{source}.{original}", f"SELECT count({quote(original)}) FROM {quote(source)}"))  # noqa: S608


def words(sql: str) -> set[str]:
    """The names and keywords in a piece of SQL, in lower case."""
    return {token.name for token in tokenize(sql) if token.kind in {"word", "quoted"}}
