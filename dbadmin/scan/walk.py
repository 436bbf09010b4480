"""Walking a fleet's folders, a shard at a time, with nothing opened and no link followed.

Strings and no `Path`: this is most of what a scan of an unchanged fleet does.
"""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase

from dbadmin.errors import UnreadableError
from dbadmin.fleets import Fleet

# Shards that are counted to tell how many files there may be.
_SAMPLE = 8


def shards_of(fleet: Fleet) -> list[str]:
    """The names of a fleet's shards, sorted; no id begins with what cannot be printed.

    Raises UnreadableError where its root cannot be read.
    """
    return sorted(filter(str.isprintable, _folders(str(fleet.root), fleet.pattern.split("/")[0])))


def estimate_files(fleet: Fleet) -> tuple[int, int]:
    """About how many files a fleet has, told from a few of its shards, and how many shards; no files without a root.

    What cannot be read counts as nothing: the scan itself says so. Raises UnreadableError for the root.
    """
    shards = shards_of(fleet) if fleet.root.exists() else []
    sample = shards[:: max(1, len(shards) // _SAMPLE)]
    folders = sum(_count(fleet, shard) for shard in sample)
    return (folders * len(shards) // len(sample) if sample else 0), len(shards)


def walk(fleet: Fleet, shard: str) -> Iterator[tuple[str, str]]:
    """Each folder of a shard: its name, and where the fleet's file would be in it. Raises UnreadableError.

    Also what the fleet keeps elsewhere: whoever looks at the files says so.
    """
    folder = f"{fleet.root}/{shard}"
    _, pattern, name = fleet.pattern.split("/")
    for database_id in _folders(folder, pattern):
        yield database_id, f"{folder}/{database_id}/{name}"


def _count(fleet: Fleet, shard: str) -> int:
    try:
        return sum(1 for _ in _folders(f"{fleet.root}/{shard}", fleet.pattern.split("/")[1]))
    except UnreadableError:
        return 0


def _folders(path: str, pattern: str) -> Iterator[str]:
    fits_all = pattern == "*"
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                if name[0] != "." and (fits_all or fnmatchcase(name, pattern)) and entry.is_dir(follow_symlinks=False):
                    yield name
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.") from error
