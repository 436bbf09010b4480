"""An empty database in memory with a file's schema: what actions do to it, they would do to the file's schema."""

import sqlite3
from collections.abc import Sequence

from dbadmin.change.actions import Action
from dbadmin.schema.introspect import inspect, read_rows
from dbadmin.schema.model import Schema
from dbadmin.schema.rows import SchemaRow, owned
from dbadmin.schema.tokens import quote

_ORDER = ("table", "index", "view", "trigger")


class Twin:
    """Use as a context manager. All methods raise sqlite3.Error where SQLite refuses."""

    def __init__(self, rows: Sequence[SchemaRow]) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        for row in sorted(owned(tuple(rows)), key=lambda row: _ORDER.index(row.type)):
            self._connection.execute(row.sql or "")

    def __enter__(self) -> "Twin":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def run(self, action: Action) -> None:
        """Do what the action does; all of it or, where it fails, nothing."""
        self._connection.execute("SAVEPOINT action")
        try:
            for statement in action.statements:
                self._connection.execute(statement)
        except sqlite3.Error:
            self._connection.execute("ROLLBACK TO action")
            self._connection.execute("PRAGMA legacy_alter_table = OFF")
            raise
        finally:
            self._connection.execute("RELEASE action")

    def schema(self) -> Schema:
        """Its schema now."""
        return inspect(self._connection)

    def rows(self) -> dict[str, str]:
        """The stored text of all that people made, by type and name; equal to a file's when the schemas are one."""
        return stored(read_rows(self._connection))

    def can(self, statement: str, *, after: Sequence[str] = ()) -> bool:
        """Whether SQLite could run the statement after these others."""
        self._connection.execute("SAVEPOINT look")
        try:
            for other in after:
                self._connection.execute(other)
            self._connection.execute(f"EXPLAIN {statement}")
        except sqlite3.Error:
            return False
        finally:
            self._connection.execute("ROLLBACK TO look")
            self._connection.execute("RELEASE look")
        return True

    def names(self) -> set[str]:
        """What is taken, in lower case, shadow tables and automatic indexes too."""
        return {row.name.lower() for row in read_rows(self._connection)}

    def writable_columns(self, table: str) -> list[str]:
        """The columns of a table or view that a statement may set."""
        return [str(row[1]) for row in self._connection.execute(f"PRAGMA table_info({quote(table)})")]

    def table_rows(self, table: str) -> list[tuple[object, ...]]:
        """All rows of a table; only shadow tables have some here."""
        return self._connection.execute(f"SELECT * FROM {quote(table)}").fetchall()  # noqa: S608

    def stored_sql(self, table: str) -> str:
        """The stored text of a table."""
        return next(row.sql or "" for row in read_rows(self._connection) if row.name == table)


def stored(rows: Sequence[SchemaRow]) -> dict[str, str]:
    """The stored text of all that people made, by type and name."""
    return {f"{row.type} {row.name}": row.sql or "" for row in owned(tuple(rows))}
