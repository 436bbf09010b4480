"""Whether a file is fit to be changed: pages that contradict each other are salvaged, not repaired."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from dbadmin.change.actions import quote
from dbadmin.deep import meaning
from dbadmin.errors import CorruptError
from dbadmin.schema.model import Schema


def require_health(connection: sqlite3.Connection, schema: Schema, path: Path) -> None:
    """Raise CorruptError for a file whose pages are damaged. Rows that break rules are no damage."""
    for line in _lines(connection, schema):
        if line != "ok" and meaning(line) is None:
            raise CorruptError(f"{path} is damaged ({line}); it is left as it is, to be salvaged.")


def _lines(connection: sqlite3.Connection, schema: Schema) -> Iterator[str]:
    try:
        yield from _check(connection, "")
    except sqlite3.OperationalError as error:
        if "vtable constructor failed" not in str(error):
            raise
        # From 3.44 on the check opens the virtual tables first, and one that cannot be opened ends it.
        for table in schema.tables.values():
            yield from () if table.module else _check(connection, f"({quote(table.name)})")


def _check(connection: sqlite3.Connection, argument: str) -> Iterator[str]:
    for (text,) in connection.execute(f"PRAGMA quick_check{argument}"):
        yield from text.splitlines()
