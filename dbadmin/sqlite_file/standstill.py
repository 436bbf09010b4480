"""Whether a file stands still while it is read without SQLite."""

import fcntl
import os
import stat
import time

from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.look import SETTLED_AFTER_NS, Look, has_journal, look_beside

# Where SQLite's readers hold their lock (os_unix.c: SHARED_FIRST, SHARED_SIZE).
_SHARED_FIRST = 0x40000002
_SHARED_SIZE = 510
# Beyond it lies the page of the lock bytes, and a file so large is none of a fleet of small ones.
_LARGEST_FILE = 0x40000000


class DoubtError(MalformedError):
    """The file may be fine, but only SQLite can tell what it holds now."""

    code = "doubt"


def hold_still(descriptor: int, path: str) -> Look:
    """Take a reader's lock, as SQLite would, on the file that was opened at a path, and look at it.

    Raises DoubtError for a file that is no plain one, just changed, or has a journal or a log with frames; OSError when
    a writer holds the lock. Closing the descriptor gives the lock back.
    """
    # The process must hold no SQLite connection to this file: closing the descriptor would drop its locks, too.
    fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode) or state.st_size > _LARGEST_FILE:
        raise DoubtError(f"{path} is no plain file, or larger than {_LARGEST_FILE} bytes.")
    if time.time_ns() - state.st_mtime_ns < SETTLED_AFTER_NS:
        raise DoubtError(f"{path} was changed less than {SETTLED_AFTER_NS / 10**9:.0f} s ago.")
    seen = look_beside(path, state)
    # Any bytes of a log are taken for frames.
    if seen.wal_size or has_journal(path):
        raise DoubtError(f"{path} has a journal, or a log with frames.")
    return seen


def check_stood_still(path: str, seen: Look) -> None:
    """Raise DoubtError if the file at the path is not the one, or not as, it was seen before."""
    now, before = os.lstat(path), seen.file
    # All that changes with a write or a replacement.
    if not (
        now.st_mtime_ns == before.st_mtime_ns
        and now.st_ctime_ns == before.st_ctime_ns
        and now.st_size == before.st_size
        and now.st_ino == before.st_ino
        and now.st_dev == before.st_dev
    ):
        raise DoubtError(f"{path} changed while it was read.")
