"""What the file system says of a database, told without opening it.

SQLite writes a database through the file itself or its write-ahead log, so both are looked at.
"""

import os
from typing import NamedTuple

# File systems keep times in steps of up to two seconds; a second change within one would not show.
SETTLED_AFTER_NS = 2 * 10**9


class Look(NamedTuple):
    """One look at a database. `signature` changes with every write; times are in nanoseconds since 1970."""

    signature: str
    file: os.stat_result
    wal_size: int
    wal_ns: int

    @property
    def size(self) -> int:
        """Bytes of the file, without its log."""
        return self.file.st_size

    def is_settled(self, now_ns: int) -> bool:
        """Whether a later change would show in the signature; of a file from the future it is never certain."""
        return max(self.file.st_mtime_ns, self.file.st_ctime_ns, self.wal_ns) < now_ns - SETTLED_AFTER_NS


# Of a file that may not even be looked at; never taken as unchanged.
UNSEEN = Look("", os.stat_result((0,) * os.stat_result.n_fields), 0, 0)


def look(path: str, folder: int | None = None) -> Look | None:
    """Look at a database's files, following no link; None where there is none.

    `folder` is the descriptor of the one that the path begins in: to find few names takes less time than to find many.
    """
    try:
        file = os.lstat(path, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError:
        return UNSEEN
    return look_beside(path, file, folder)


def look_beside(path: str, file: os.stat_result, folder: int | None = None) -> Look:
    """The look at a database of whose file the system has told."""
    wal_size, wal_ns = _look_at_log(path, folder)
    return Look(
        f"{file.st_dev}:{file.st_ino}:{file.st_size}:{file.st_mtime_ns}:{file.st_ctime_ns}:{wal_size}:{wal_ns}",
        file,
        wal_size,
        wal_ns,
    )


def has_journal(path: str) -> bool:
    """Whether a change of the database is under way, or was torn and is undone by whoever opens it."""
    return os.access(path + "-journal", os.F_OK)


def _look_at_log(path: str, folder: int | None) -> tuple[int, int]:
    """The bytes of a database's write-ahead log and when it was written; zeros where there is none."""
    wal = path + "-wal"
    # `access` says no several times as fast as `lstat` raises, and there mostly is none.
    if not os.access(wal, os.F_OK, dir_fd=folder):
        return 0, 0
    try:
        log = os.lstat(wal, dir_fd=folder)
    except FileNotFoundError:  # gone in between: the last connection was closed
        return 0, 0
    return log.st_size, log.st_mtime_ns
