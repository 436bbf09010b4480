"""What a database contains at one moment, as a short text: equal texts, equal contents."""

import hashlib
import sqlite3
from pathlib import Path

LARGEST_DIGESTED = 64 * 2**20  # bytes; beyond that a digest would cost more memory than it is worth
# What the header says beside the content (file format, 1.3): how changes are journaled, the counters of changes and of
# those to the schema, who wrote last.
_BESIDE = ((18, 20), (24, 28), (40, 44), (92, 100))


def content_state(connection: sqlite3.Connection, path: Path) -> str:
    """The state of an open database, also of one with changes about to be committed.

    That of a large one is the size and time of its file and of its log instead, which also change when nothing was
    written.
    """
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    if pages * size > LARGEST_DIGESTED:
        return ", ".join(f"size {size}, time {time}" for size, time in signature(path))
    content = memoryview(connection.serialize())
    digest, place = hashlib.sha256(), 0
    for start, end in _BESIDE:
        digest.update(content[place:start])
        place = end
    digest.update(content[place:])
    return f"sha256 {digest.hexdigest()}"


def signature(path: Path) -> list[tuple[int, int]]:
    """Size and time, in nanoseconds, of a database's file and of its write-ahead log; (0, 0) where there is none."""
    return [_size_and_time(path), _size_and_time(path.with_name(f"{path.name}-wal"))]


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
