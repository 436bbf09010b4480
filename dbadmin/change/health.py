"""Whether a file is fit to be changed: pages that contradict each other are salvaged, not repaired."""

import sqlite3
from pathlib import Path

from dbadmin.deep import integrity_lines, meaning
from dbadmin.errors import CorruptError
from dbadmin.schema.model import Schema


def require_health(connection: sqlite3.Connection, schema: Schema, path: Path) -> None:
    """Raise CorruptError for a file whose pages are damaged. Rows that break rules are no damage."""
    for line in integrity_lines(connection, schema, "quick_check"):
        if meaning(line) is None:
            raise CorruptError(f"{path} is damaged ({line}); it is left as it is, to be salvaged.")
