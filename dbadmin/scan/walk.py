"""Walking a fleet's folders, a shard at a time, with nothing opened and no link followed.

Strings and no `Path`: this is most of what a scan of an unchanged fleet does.
"""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase

from dbadmin.errors import UnreadableError
from dbadmin.fleets import Fleet
from dbadmin.sqlite_file.look import Look, look


def shards_of(fleet: Fleet) -> list[str]:
    """The names of a fleet's shards, sorted. Raises UnreadableError where its root cannot be read."""
    return sorted(_folders(str(fleet.root), fleet.pattern.split("/")[0]))


def walk(fleet: Fleet, shard: str) -> Iterator[tuple[str, Look]]:
    """Each folder of a shard that has the fleet's file: its name and a look at the file. Raises UnreadableError.

    Also what has the name and is no regular file, and what the fleet keeps elsewhere: whoever reads them says so.
    """
    folder = f"{fleet.root}/{shard}"
    _, pattern, name = fleet.pattern.split("/")
    for database_id in _folders(folder, pattern):
        if seen := look(f"{folder}/{database_id}/{name}"):
            yield database_id, seen


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
