"""Whether a file is fit to be changed: pages that contradict each other are salvaged, not repaired."""

import sqlite3
from pathlib import Path

from dbadmin.deep import integrity_lines, meaning
from dbadmin.errors import CorruptError
from dbadmin.schema.model import Schema
from dbadmin.states import Flag


def require_health(connection: sqlite3.Connection, schema: Schema, path: Path) -> None:
    """Raise CorruptError for a file whose pages are damaged. Rows that break rules are no damage."""
    for line in integrity_lines(connection, schema, "quick_check"):
        harmless(line, str(path))


def harmless(line: str, name: str) -> Flag:
    """The flag of what SQLite complains of in the database `name`; raises CorruptError where it has none."""
    flag = meaning(line)
    if flag is None:
        raise CorruptError(f"{name} is damaged ({line}); it is left as it is, to be salvaged.")
    return flag
