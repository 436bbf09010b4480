"""The system's and SQLite's errors in our words, for work on several files at once."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbadmin.errors import DiskFullError, UnreadableError
from dbadmin.opening import translated

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def disk_failures(path: Path) -> Iterator[None]:
    """Raise what the disk refuses as DiskFullError or UnreadableError of the file that is worked for."""
    try:
        with translated(path):
            yield
    except OSError as error:
        kind = DiskFullError if error.errno in _NO_ROOM else UnreadableError
        raise kind(f"{path} could not be salvaged: {error}.") from error
