"""Rows that were read and have no place in the new file.

They are kept in a database of their own, beside the original in quarantine: a table of them in the new file would be
drift from its version.
"""

import json
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from dbadmin.sqlite_file.record import Value

FILE_NAME = "lost_and_found.db"
_TABLE = """
CREATE TABLE lost_and_found (
    id INTEGER PRIMARY KEY,
    table_name TEXT NOT NULL,  -- '' where nothing says which
    page INTEGER,              -- of the original, NULL for a row that was taken out of the new file again
    row_id INTEGER,            -- NULL for a row of a table WITHOUT ROWID
    reason TEXT NOT NULL,
    cells TEXT NOT NULL        -- JSON; bytes as {"hex": …}, bytes in text that are no UTF-8 as lone surrogates
)
"""


class LostAndFound:
    """The rows of one salvage: a context manager, at whose end they are on disk."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.count = 0
        self._connection = sqlite3.connect(self.path, isolation_level=None)
        self._connection.execute(_TABLE)
        self._connection.execute("BEGIN")

    def add(
        self, table: str, page: int | None, rowid: int | None, reason: str, cells: dict[str, Value] | list[Value]
    ) -> None:
        """Keep a row: its cells by column, or in their order where the columns are not known."""
        self._connection.execute(
            "INSERT INTO lost_and_found (table_name, page, row_id, reason, cells) VALUES (?, ?, ?, ?, ?)",
            (table, page, rowid, reason, json.dumps(cells, default=_as_hex)),
        )
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write everything to disk; nothing, if the salvage failed."""
        try:
            if error is None:
                self._connection.execute("COMMIT")
        finally:
            self._connection.close()


def _as_hex(value: bytes) -> dict[str, str]:
    return {"hex": value.hex()}
