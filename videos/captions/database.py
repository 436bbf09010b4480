"""Opening a video's own database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from videos.captions.errors import DamagedError, translated

# How long somebody else's writing is waited for: a reader has somebody who waits in turn, a writer has not.
READER_PATIENCE_SECONDS = 1
WRITER_PATIENCE_SECONDS = 10


@contextmanager
def opened(path: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection to the file, without a transaction; `write` makes the file if there is none.

    Readers open it for writing as well, and then write nothing: who may only read leaves the -wal and -shm of each file
    lying about. Raises CaptionsError for all that goes wrong inside.
    """
    patience = WRITER_PATIENCE_SECONDS if write else READER_PATIENCE_SECONDS
    mode = "rwc" if write else "rw"
    with translated(path):
        address = f"{path.absolute().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None)) as connection:
            connection.text_factory = _text
            connection.execute(f"PRAGMA {'foreign_keys' if write else 'query_only'} = ON")
            yield connection


def version_of(connection: sqlite3.Connection) -> int | None:
    """What the database says it is; None when there is nothing in it. Raises DamagedError when it does not say."""
    if connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None:
        return None
    try:
        rows = connection.execute("SELECT schema_version FROM database_metadata LIMIT 2").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        rows = []
    if len(rows) != 1 or not isinstance(rows[0][0], int):
        raise DamagedError("The database does not say its version; repair it with `manage.py fleet repair`.")
    return int(rows[0][0])


def _text(stored: bytes) -> str:
    """What is no UTF-8 stays readable; no reader and no JSON takes it as it is."""
    return stored.decode(errors="replace")
