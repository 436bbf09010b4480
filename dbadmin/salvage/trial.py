"""Whether a table would take a row: asked of an empty one with the same rules."""

import sqlite3
from types import TracebackType
from typing import Self

from dbadmin.salvage.canon import Canon
from dbadmin.salvage.insert import insert
from dbadmin.salvage.shape import Shape
from dbadmin.salvage.trees import Row
from dbadmin.schema.registry import Registry

_TRIED = 200


class Trial:
    """A version's tables in memory; each row is tried on its own and taken back. A context manager."""

    def __init__(self, registry: Registry, canon: Canon) -> None:
        self.canon = canon
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.executescript(registry.sql(canon.version))
        for (name,) in self._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            self._connection.execute(f'DROP TRIGGER "{name}"')
        # An index of full text search begins with rows of its own.
        for name in canon.shapes:
            self._connection.execute(f'DELETE FROM "{name}"')  # noqa: S608 - a name of the registry

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def share(self, shape: Shape, rows: list[Row]) -> float:
        """How many of the rows a table takes, from 0 to 1; 0 when there are none. Of many, some are tried."""
        tried = rows[:: max(1, len(rows) // _TRIED)]
        return sum(shape.fits(row) and self._takes(shape, row) for row in tried) / len(tried) if tried else 0.0

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
