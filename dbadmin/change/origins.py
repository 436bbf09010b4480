"""What of the file's present rows goes for good in the course of a plan, found out before anything is changed.

The tables are counted themselves and not their indexes, which may lack rows.
"""

from dbadmin.change.actions import Loss
from dbadmin.schema.model import Column, Schema, Table
from dbadmin.schema.tokens import quote


class Origins:
    """Follows tables and columns back, through the renames of a plan, to what they are called in the file."""

    def __init__(self, schema: Schema) -> None:
        self._tables = {name: name for name in schema.tables}
        self._columns = {
            (table.name, column): column for table in schema.tables.values() for column in table.column_names
        }
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
            self.losses.append(Loss(original, f"SELECT count(*) FROM {quote(original)} NOT INDEXED"))  # noqa: S608

    def remake(self, actual: Table, expected: Table) -> None:
        """Note that a virtual table is made anew: what it keeps itself and the new one does not is lost."""
        original, content = self._tables.get(actual.name), actual.content
        if original is None or content:
            return
        if content is not None or (expected.module and expected.content is not None):
            self.losses.append(Loss(original, f"SELECT count(*) FROM {quote(original)} NOT INDEXED"))  # noqa: S608
            return
        for name in actual.column_names:
            if name not in expected.column_names:
                query = f"SELECT count({quote(name)}) FROM {quote(original)} NOT INDEXED"  # noqa: S608
                self.losses.append(Loss(f"{original}.{name}", query))

    def columns(self, table: str) -> dict[str, str]:
        """What the columns of a table that the file has are called there, as table.column, by their present names."""
        return {
            name: f"{self._tables[table]}.{was}"
            for (of, name), was in self._columns.items()
            if of == table in self._tables
        }

    def drop_column(self, table: str, column: Column, *, moved: bool) -> None:
        """Note that a column goes; `moved` says that its values were put elsewhere."""
        original = self._columns.pop((table, column.name), None)
        if original and not moved and not column.generated:
            source = self._tables[table]
            query = f"SELECT count({quote(original)}) FROM {quote(source)} NOT INDEXED"  # noqa: S608
            self.losses.append(Loss(f"{source}.{original}", query))
