"""What can be wrong with a video's own database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from nisam.lib.errors import OperationError

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class CaptionsError(OperationError):
    """A video's database cannot be read or written; the message says what to do about it."""

    code = "captions"
    default_retry_after = timedelta(days=1)


class BusyError(CaptionsError):
    """Somebody else has written for longer than we wait."""

    code = "captions_busy"
    transient = True
    default_retry_after = timedelta(minutes=15)


class DamagedError(CaptionsError):
    """The file is no such database, or not any more."""

    code = "captions_damaged"


class VersionError(CaptionsError):
    """The file is of a version that cannot be written, or not even read."""

    code = "captions_version"


class UnreachableError(CaptionsError):
    """The disk or its permissions are in the way."""

    code = "captions_unreachable"
    default_retry_after = timedelta(hours=1)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what sqlite3 and the file system raise about this file into our classes."""
    try:
        yield
    except sqlite3.Error as error:
        raise _ours(error, path) from error
    except OSError as error:
        raise UnreachableError(f"{path} cannot be reached: {error.strerror}.") from error


def _ours(error: sqlite3.Error, path: Path) -> CaptionsError:
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    code = extended & 0xFF  # without what extends it
    if code in _BUSY:
        return BusyError(f"{path} is being written by somebody else.")
    if extended == sqlite3.SQLITE_CORRUPT_VTAB:
        return DamagedError(f"The full text index in {path} is damaged; once a deep scan has found that, too, "
                            "`manage.py fleet repair` builds it again.")  # fmt: skip
    if code in _DAMAGED:
        return DamagedError(f"{path} is damaged ({error}); repair it with `manage.py fleet salvage`.")
    if code == sqlite3.SQLITE_ERROR or isinstance(error, sqlite3.IntegrityError):
        return DamagedError(f"{path} is not what its version says ({error}); repair it with `manage.py fleet repair`.")
    return UnreachableError(f"{path} cannot be used: {error}.")
