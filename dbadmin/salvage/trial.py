"""Whether a table would take a row: asked of an empty one with the same rules."""

import sqlite3
from types import TracebackType
from typing import Self

from dbadmin.salvage.canon import Canon
from dbadmin.salvage.insert import insert
from dbadmin.salvage.shape import Shape
from dbadmin.salvage.trees import Row
from dbadmin.schema.registry import Registry


class Trial:
    """A version's tables in memory; each row is tried on its own and taken back. A context manager."""

    def __init__(self, registry: Registry, canon: Canon) -> None:
        self.canon = canon
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.executescript(registry.sql(canon.version))
        for (name,) in self._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            self._connection.execute(f'DROP TRIGGER "{name}"')
        # An index of full text search begins with rows of its own.
        for name in (name for name, shape in canon.shapes.items() if not shape.is_index):
            self._connection.execute(f'DELETE FROM "{name}"')  # noqa: S608 - a name of the registry

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def share(self, shape: Shape, rows: list[Row]) -> float:
        """How many of the rows a table takes, or an index may have, from 0 to 1; 0 when there are none."""
        takes = [shape.fits(row) and (shape.is_index or self._takes(shape, row)) for row in rows]
        return sum(takes) / len(takes) if takes else 0.0

    def _takes(self, shape: Shape, row: Row) -> bool:
        self._connection.execute("BEGIN")
        try:
            insert(self._connection, shape, shape, row)
        except sqlite3.IntegrityError:
            return False
        else:
            return True
        finally:
            self._connection.execute("ROLLBACK")
