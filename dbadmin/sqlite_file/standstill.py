"""Whether a file stands still while it is read without SQLite."""

import fcntl
import os
import stat
import time

from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.look import SETTLED_AFTER_NS, Look, has_journal

# Where SQLite's readers hold their lock (os_unix.c: SHARED_FIRST, SHARED_SIZE).
_SHARED_FIRST = 0x40000002
_SHARED_SIZE = 510
# Beyond it lies the page of the lock bytes, and a file so large is none of a fleet of small ones.
_LARGEST_FILE = 0x40000000


class DoubtError(MalformedError):
    """The file may be fine, but only SQLite can tell what it holds now."""

    code = "doubt"


def hold_still(descriptor: int, path: str, seen: Look) -> None:
    """Take a reader's lock, as SQLite would, on the file that was seen a moment ago.

    Raises DoubtError for a file that is another, no plain one, just changed, or has a journal or a log with frames;
    OSError when a writer holds the lock. Closing the descriptor gives the lock back.
    """
    # The process must hold no SQLite connection to this file: closing the descriptor would drop its locks, too.
    fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    state = os.fstat(descriptor)
    if not _are_equal(state, seen.file):
        raise DoubtError(f"{path} changed before it was read.")
    if not stat.S_ISREG(state.st_mode) or state.st_size > _LARGEST_FILE:
        raise DoubtError(f"{path} is no plain file, or larger than {_LARGEST_FILE} bytes.")
    if time.time_ns() - state.st_mtime_ns < SETTLED_AFTER_NS:
        raise DoubtError(f"{path} was changed less than {SETTLED_AFTER_NS / 10**9:.0f} s ago.")
    # Any bytes of a log are taken for frames. One that comes later holds later commits, and another look sees it.
    if seen.wal_size or has_journal(path):
        raise DoubtError(f"{path} has a journal, or a log with frames.")


def check_stood_still(path: str, seen: Look) -> None:
    """Raise DoubtError if the file at the path is not the one, or not as, it was seen before."""
    if not _are_equal(os.lstat(path), seen.file):
        raise DoubtError(f"{path} changed while it was read.")


def _are_equal(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether all is equal that changes with a write or a replacement."""
    return (
        one.st_mtime_ns == other.st_mtime_ns
        and one.st_ctime_ns == other.st_ctime_ns
        and one.st_size == other.st_size
        and one.st_ino == other.st_ino
        and one.st_dev == other.st_dev
    )
