"""A file that nobody else reads or writes: SQLite's own exclusive lock, taken without SQLite."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbadmin.errors import BusyError, UnreadableError
from dbadmin.opening import require_regular_file

# The bytes of PENDING, RESERVED and SHARED (os_unix.c), which readers, writers and connections with a log hold.
_FIRST_BYTE = 0x40000000
_BYTES = 512


_PAUSE_SECONDS = 0.02


@contextmanager
def locked(path: Path, timeout: float) -> Iterator[int]:
    """A descriptor of the file, on which this process alone has every lock of SQLite's.

    All reading goes through the descriptor: to close another one of the same file would drop the locks. This process
    must hold no SQLite connection to it. Raises BusyError after `timeout` seconds, UnreadableError.
    """
    require_regular_file(path)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be opened: {error}.") from error
    try:
        lock(descriptor, path, timeout)
        if not os.path.samestat(os.fstat(descriptor), path.lstat()):
            raise BusyError(f"{path} was replaced while it was opened.")
        yield descriptor
    finally:
        os.close(descriptor)


def lock(descriptor: int, path: Path, timeout: float) -> None:
    """Take every lock of SQLite's on an open file; raises BusyError if one is held longer than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _BYTES, _FIRST_BYTE)
        except (BlockingIOError, PermissionError) as error:
            if time.monotonic() >= deadline:
                raise BusyError(f"{path} is in use by another process.") from error
            time.sleep(_PAUSE_SECONDS)
        else:
            return
