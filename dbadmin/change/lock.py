"""One administrator at a time: a lock on the folder of a database, which the kernel frees with its holder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbadmin.errors import BusyError, UnreadableError

PAUSE_SECONDS = 0.02


@contextmanager
def administering(path: Path, *, timeout: float) -> Iterator[None]:
    """Be the only one to change, restore or salvage the database at `path`.

    It is a lock among administrators, for what takes more than one transaction; whoever else uses the database does
    not know it. The folder is locked, not the file: to close a file drops SQLite's locks on it. Raises BusyError after
    `timeout` seconds, UnreadableError where there is no folder.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise UnreadableError(f"{path.parent} cannot be opened: {error}.") from error
    try:
        _acquire(folder, path, timeout)
        yield
    finally:
        os.close(folder)


def _acquire(folder: int, path: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise BusyError(f"{path} is being changed by another administrator.") from error
            time.sleep(PAUSE_SECONDS)
        else:
            return
