"""Walking a fleet's folders, a shard at a time, with nothing opened and no link followed.

Strings and no `Path`, below a folder that is open: this is most of what a scan of an unchanged fleet does.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase

from dbadmin.errors import UnreadableError
from dbadmin.fleets import Fleet

# Shards that are counted to tell how many files there may be.
_SAMPLE = 8


def shards_of(fleet: Fleet) -> list[str]:
    """The names of a fleet's shards, sorted; no id begins with what cannot be printed.

    Raises UnreadableError where its root cannot be read.
    """
    with _opened(str(fleet.root)) as descriptor:
        return sorted(filter(str.isprintable, _folders(descriptor, fleet.pattern.split("/")[0])))


def estimate_files(fleet: Fleet) -> tuple[int, int]:
    """About how many files a fleet has, told from a few of its shards, and how many shards; no files without a root.

    What cannot be read counts as nothing: the scan itself says so. Raises UnreadableError for the root.
    """
    shards = shards_of(fleet) if fleet.root.exists() else []
    sample = shards[:: max(1, len(shards) // _SAMPLE)]
    folders = sum(_count(fleet, shard) for shard in sample)
    return (folders * len(shards) // len(sample) if sample else 0), len(shards)


def walk(fleet: Fleet, shard: str) -> Iterator[tuple[str, str, int]]:
    """Each folder of a shard: its name, and where the fleet's file would be in it, as a path below a descriptor that
    is open until the next one is asked for. Raises UnreadableError.

    Also what the fleet keeps elsewhere: whoever looks at the files says so.
    """
    _, pattern, name = fleet.pattern.split("/")
    with _opened(f"{fleet.root}/{shard}") as descriptor:
        for database_id in _folders(descriptor, pattern):
            yield database_id, f"{database_id}/{name}", descriptor


def _count(fleet: Fleet, shard: str) -> int:
    try:
        with _opened(f"{fleet.root}/{shard}") as descriptor:
            return sum(1 for _ in _folders(descriptor, fleet.pattern.split("/")[1]))
    except UnreadableError:
        return 0


@contextmanager
def _opened(path: str) -> Iterator[int]:
    """A folder's descriptor; raises UnreadableError for what goes wrong with it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.") from error


def _folders(descriptor: int, pattern: str) -> Iterator[str]:
    fits_all = pattern == "*"
    with os.scandir(descriptor) as entries:
        for entry in entries:
            name = entry.name
            if name[0] != "." and (fits_all or fnmatchcase(name, pattern)) and entry.is_dir(follow_symlinks=False):
                yield name
