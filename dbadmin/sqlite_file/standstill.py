"""Whether a file stands still while it is read without SQLite."""

import fcntl
import os
import stat
import time

from dbadmin.sqlite_file.errors import MalformedError

# Where SQLite's readers hold their lock (os_unix.c: SHARED_FIRST, SHARED_SIZE).
_SHARED_FIRST = 0x40000002
_SHARED_SIZE = 510
# Beyond it lies the page of the lock bytes, and a file so large is none of a fleet of small ones.
_LARGEST_FILE = 0x40000000
# File systems keep times in steps of up to two seconds; a change within one would not show.
_SETTLED_SECONDS = 2.0

Signature = tuple[int, int, int, int, int]


class DoubtError(MalformedError):
    """The file may be fine, but only SQLite can tell what it holds now."""

    code = "doubt"


def hold_still(descriptor: int, path: str) -> Signature:
    """Take a reader's lock, as SQLite would, and return what the file must look like after the reading.

    Raises DoubtError for a file that is no plain one, just changed, or has a journal or a log with frames; OSError when
    a writer holds the lock. Closing the descriptor gives the lock back.
    """
    # The process must hold no SQLite connection to this file: closing the descriptor would drop its locks, too.
    fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode) or state.st_size > _LARGEST_FILE:
        raise DoubtError(f"{path} is no plain file, or larger than {_LARGEST_FILE} bytes.")
    if time.time() - state.st_mtime < _SETTLED_SECONDS:
        raise DoubtError(f"{path} was changed less than {_SETTLED_SECONDS} s ago.")
    if os.access(f"{path}-journal", os.F_OK) or _has_frames(f"{path}-wal"):
        raise DoubtError(f"{path} has a journal, or a log with frames.")
    return _signature(state)


def check_stood_still(path: str, before: Signature) -> None:
    """Raise DoubtError if the file at the path is not the one, or not as, it was before."""
    if _signature(os.stat(path, follow_symlinks=False)) != before:  # noqa: PTH116 - a Path would cost as much again
        raise DoubtError(f"{path} changed while it was read.")


def _signature(state: os.stat_result) -> Signature:
    """What changes with every write or replacement."""
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _has_frames(log: str) -> bool:
    """Any bytes are taken for frames; looked for without an exception, since most files have no log."""
    return os.access(log, os.F_OK) and os.stat(log).st_size > 0  # noqa: PTH116 - as above
