"""Whether a file is as it was when it was last read, told without opening it.

SQLite writes a database through the file itself or its write-ahead log, so both are looked at. A rollback journal means
that a change is under way or was torn, and what was changed within the last two seconds may have been changed twice
within one tick of the file system's clock: neither is ever taken as unchanged.
"""

import os
import sqlite3
import time
from typing import NamedTuple

from dbadmin.schema.registry import Registry

# Raised whenever the same file would be found to be something else than by the version before.
SCANNER_VERSION = 1
SETTLED_AFTER_NS = 2 * 10**9


class Look(NamedTuple):
    """What the file system says of a database. Sizes in bytes, `newest_ns` in nanoseconds since 1970."""

    signature: str
    size: int
    wal_size: int
    newest_ns: int
    has_journal: bool

    def is_settled(self, now_ns: int) -> bool:
        """Whether a later change would show in the signature; of a file from the future it is never certain."""
        return not self.has_journal and self.newest_ns < now_ns - SETTLED_AFTER_NS


# Of a file that may not even be looked at; never taken as unchanged.
UNSEEN = Look("", 0, 0, 0, has_journal=True)


def look(path: str) -> Look | None:
    """Look at a database's files, following no link; None where there is none."""
    try:
        file = os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError:
        return UNSEEN
    wal_size, wal_ns = _wal(path + "-wal")
    return Look(
        f"{file.st_dev}:{file.st_ino}:{file.st_size}:{file.st_mtime_ns}:{file.st_ctime_ns}:{wal_size}:{wal_ns}",
        file.st_size,
        wal_size,
        max(file.st_mtime_ns, file.st_ctime_ns, wal_ns),
        # `access` says no several times as fast as `lstat` raises, and there mostly is none.
        os.access(path + "-journal", os.F_OK),
    )


def _wal(path: str) -> tuple[int, int]:
    if not os.access(path, os.F_OK):
        return 0, 0
    try:
        wal = os.lstat(path)
    except FileNotFoundError:  # gone in between: the last connection was closed
        return 0, 0
    return wal.st_size, wal.st_mtime_ns


def proof(before: Look, after: Look | None) -> str:
    """The signature to keep of a file that was read between two looks; empty when it may not be relied upon."""
    if after is None or after.signature != before.signature or after.has_journal:
        return ""
    return before.signature if before.is_settled(time.time_ns()) else ""


def examiner(registry: Registry) -> str:
    """Who reads: what was read by another registry, scanner or SQLite is read again."""
    return f"{registry.digest[:32]} {SCANNER_VERSION} {sqlite3.sqlite_version}"
