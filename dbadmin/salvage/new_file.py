"""The new database as a file: what it has in common with the old one besides the rows."""

import sqlite3
from pathlib import Path

from dbadmin.deep import integrity_lines, meaning
from dbadmin.salvage.errors import UnsoundError
from dbadmin.salvage.image import Image
from dbadmin.schema.introspect import inspect
from dbadmin.states import Flag

_ENCODINGS = {"utf-8": "UTF-8", "utf-16-le": "UTF-16le", "utf-16-be": "UTF-16be"}
_OF_A_LOG = ("-wal", "-shm")


def create(path: Path, image: Image) -> sqlite3.Connection:
    """An empty database with the old one's page size and encoding; what an interrupted salvage left is removed."""
    remove(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    # Nobody reads the file before it is whole, and it is written to disk before the swap.
    for pragma in (f"page_size = {image.page_size}", f"encoding = '{_ENCODINGS[image.codec]}'",
                   "journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")
    return connection


def remove(path: Path) -> None:
    """Remove a new file that did not come into place, with what SQLite may have left beside it."""
    for suffix in ("", "-journal", *_OF_A_LOG):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def keeps_log(path: Path, image: Image) -> bool:
    """Whether the old database kept a write-ahead log; where its header is lost, whether anything of one is there."""
    return image.header.uses_wal if image.header else any(Path(f"{path}{suffix}").exists() for suffix in _OF_A_LOG)


def finish(connection: sqlite3.Connection, fingerprint: str, *, keep_log: bool) -> None:
    """Give the file the old one's way of keeping changes; raises UnsoundError unless it is as it should be."""
    if keep_log:
        connection.execute("PRAGMA journal_mode = WAL")
    schema = inspect(connection)
    if schema.fingerprint() != fingerprint:
        raise UnsoundError("The new file does not have the schema of its version.")
    for line in integrity_lines(connection, schema, "integrity_check"):
        # Each row was put in by the rules: SQLite 3.40 finds NULL where it is not, in tables WITHOUT ROWID.
        if meaning(line) != Flag.CONSTRAINT_VIOLATIONS:
            raise UnsoundError(f"The new file is damaged itself: {line}")
