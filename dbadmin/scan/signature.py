"""Whether a file is as it was when it was last read.

A rollback journal means that a change is under way or was torn, and what was changed within the last two seconds may
have been changed twice within one tick of the file system's clock: neither is ever taken as unchanged.
"""

import sqlite3
import time

from dbadmin.schema.registry import Registry
from dbadmin.sqlite_file.look import Look, has_journal

# Raised whenever the same file would be found to be something else than by the version before.
SCANNER_VERSION = 2


def proof(path: str, before: Look, after: Look | None) -> str:
    """The signature to keep of a file that was read between two looks; empty when it may not be relied upon.

    Without a journal after it, no later change goes unseen: what is written to the file shows in the file's times.
    """
    if after is None or after.signature != before.signature or has_journal(path):
        return ""
    return before.signature if before.is_settled(time.time_ns()) else ""


def examiner(registry: Registry) -> str:
    """Who reads: what was read by another registry, scanner or SQLite is read again."""
    return f"{registry.digest[:32]} {SCANNER_VERSION} {sqlite3.sqlite_version}"
