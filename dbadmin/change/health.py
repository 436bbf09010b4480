"""Whether a file is fit to be changed: pages that contradict each other are salvaged, not repaired."""

import sqlite3
from pathlib import Path

from dbadmin.deep import meaning
from dbadmin.errors import CorruptError


def require_health(connection: sqlite3.Connection, path: Path) -> None:
    """Raise CorruptError for a file whose pages are damaged. Rows that break rules are no damage."""
    for (text,) in connection.execute("PRAGMA quick_check"):
        for line in text.splitlines():
            if line != "ok" and meaning(line) is None:
                raise CorruptError(f"{path} is damaged ({line}); it is left as it is, to be salvaged.")
