"""The one way a database of a fleet is opened, and SQLite's errors in our words.

A database file is never opened by Python's `open()` in a process that may hold a SQLite connection to it: closing
any file descriptor of a file drops all POSIX locks of the process on it.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from dbadmin.errors import (
    BusyError,
    CorruptError,
    DiskFullError,
    FleetError,
    NotADatabaseError,
    UnreadableError,
)

BUSY_SECONDS = 5.0
PRIMARY_CODE = 0xFF  # the lowest byte of an extended result code

_ERRORS: dict[int, tuple[type[FleetError], str]] = {
    sqlite3.SQLITE_BUSY: (BusyError, "is locked by another process"),
    sqlite3.SQLITE_LOCKED: (BusyError, "is locked by another connection"),
    sqlite3.SQLITE_CORRUPT: (CorruptError, "is damaged"),
    sqlite3.SQLITE_NOTADB: (NotADatabaseError, "is not a SQLite database"),
    sqlite3.SQLITE_FULL: (DiskFullError, "cannot be written: the disk is full"),
    sqlite3.SQLITE_CANTOPEN: (UnreadableError, "cannot be opened"),
    sqlite3.SQLITE_PERM: (UnreadableError, "may not be opened"),
    sqlite3.SQLITE_READONLY: (UnreadableError, "may only be read"),
    sqlite3.SQLITE_IOERR: (UnreadableError, "could not be read or written"),
    sqlite3.SQLITE_NOLFS: (UnreadableError, "is too large for this system"),
    sqlite3.SQLITE_PROTOCOL: (BusyError, "is locked by too many processes"),
}


def open_database(path: Path, *, write: bool = False, timeout: float = BUSY_SECONDS) -> sqlite3.Connection:
    """A connection to an existing file, in autocommit mode: transactions are begun by BEGIN.

    `timeout` is how long a lock of another process is waited for, in seconds. Text that is not UTF-8 comes with
    surrogate escapes. Raises UnreadableError where there is no regular file, or a -journal that is none: SQLite would
    wait for ever for a FIFO. The content is not looked at yet.
    """
    require_regular_file(path)
    _require_regular_journal(path)
    # A reader that could not write would leave a -wal and a -shm of 32 kB beside each file in WAL mode, and could not
    # undo what a killed writer left in a -journal. Where a -wal has frames, it leaves them to whoever writes.
    mode = "rw" if write or not _has_frames(path) else "ro"
    address = f"file:{quote(os.path.abspath(path))}?mode={mode}"  # noqa: PTH100 - resolves .., and faster than Path
    with translated(path):
        connection = sqlite3.connect(address, uri=True, timeout=timeout, isolation_level=None)
        connection.text_factory = decode
        if not write:
            connection.execute("PRAGMA query_only = ON")
    return connection


def require_regular_file(path: Path) -> os.stat_result:
    """What lstat says of a regular file; raises UnreadableError for anything else.

    A FIFO would block whoever opens it, a symlink lead out of the fleet.
    """
    try:
        status = path.lstat()
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{path} cannot be read: {error}.") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(f"{path} is not a regular file.")
    return status


def _require_regular_journal(path: Path) -> None:
    try:
        status = os.lstat(f"{path}-journal")
    except OSError:
        return  # most have none; whatever else it is, SQLite says it
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(f"{path}-journal is not a regular file.")


def _has_frames(path: Path) -> bool:
    """Whether there is a write-ahead log with something in it."""
    try:
        return os.lstat(f"{path}-wal").st_size > 0
    except OSError:
        return False


def decode(raw: bytes) -> str:
    """Text as SQLite stores it; bytes that are not UTF-8 are kept as surrogate escapes."""
    return raw.decode("utf-8", "surrogateescape")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise SQLite's errors about the file as ours; errors about a statement (SQLITE_ERROR, constraints) stay."""
    try:
        yield
    except sqlite3.Error as error:
        if ours := translate(error, path):
            raise ours from error
        raise
    except UnicodeDecodeError as error:
        # Python's own, for a message of SQLite's that names an object whose name is no UTF-8: a malformed schema.
        raise CorruptError(f"{path} is damaged: SQLite complains of {decode(error.object)!r}.") from error


def translate(error: sqlite3.Error, path: Path) -> FleetError | None:
    """Our error for SQLite's, or None for one that is not about the file."""
    # Errors of the module itself, such as a closed connection, have no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code & PRIMARY_CODE not in _ERRORS:
        return None
    kind, words = _ERRORS[code & PRIMARY_CODE]
    return kind(f"{path} {words} ({error.sqlite_errorname}: {error}).")
