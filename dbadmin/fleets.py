"""A fleet: many SQLite files with one schema registry, configured by settings alone."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from django.conf import settings

from dbadmin.errors import InvalidIdError, UnknownFleetError, UnreadableError
from dbadmin.schema.registry import Registry, load_registry

BUILT_IN = "captions"
LONGEST_NAME = 255  # bytes, of one part of a path on every usual file system
SHARD_LENGTH = 2


@dataclass(frozen=True)
class Fleet:
    """Files at root/shard/id/name. The shard is the beginning of the id, so that no folder grows too large.

    `pattern` has these three parts, such as */*/captions.db; the last is the name. What begins with a dot is not the
    fleet's: there it keeps snapshots and quarantine.
    """

    name: str
    root: Path
    pattern: str
    registry_folder: Path

    @property
    def registry(self) -> Registry:
        """Its schema registry; raises RegistryError."""
        return load_registry(self.registry_folder)

    @property
    def snapshots_folder(self) -> Path:
        """Where the copies go that are made before a change."""
        return self.root / ".snapshots"

    @property
    def quarantine_folder(self) -> Path:
        """Where damaged originals go."""
        return self.root / ".quarantine"

    @property
    def file_name(self) -> str:
        """What each file is called."""
        return self.pattern.rpartition("/")[2]

    def shards(self) -> list[str]:
        """The names of the shards there are, sorted; none where the root is missing. Raises UnreadableError."""
        return sorted(_folders(self.root, self.pattern.split("/")[0]))

    def walk(self, shard: str | None = None) -> Iterator[tuple[str, str, os.stat_result]]:
        """Id, path and lstat of every file of the fleet, or of one shard, by shard and id. Raises UnreadableError.

        Also of what has the name and is no regular file: examining it says so. Symlinks to folders are not followed.
        What lies in the folder of another shard than its id's is not the fleet's: nobody would look for it there.
        """
        if shard is not None:
            _checked(shard)
        pattern = self.pattern.split("/")[1]
        for name in self.shards():
            if shard not in {None, name}:
                continue
            folder = str(self.root / name)
            for identifier in sorted(_folders(Path(folder), pattern)):
                # Strings, because a Path for each costs more than looking at the file.
                path = f"{folder}{os.sep}{identifier}{os.sep}{self.file_name}"
                if identifier[:SHARD_LENGTH] != name or (status := _status(path)) is None:
                    continue
                yield identifier, path, status

    def find(self, shard: str | None = None) -> Iterator[Path]:
        """The paths of `walk`."""
        return (Path(path) for _, path, _ in self.walk(shard))

    def path_of(self, database_id: str) -> Path:
        """Where the file of an id is, or would be.

        Raises InvalidIdError for what cannot be an id, or where a symlink would lead out of the fleet.
        """
        _checked(database_id)
        if not fnmatchcase(database_id, self.pattern.split("/")[1]):
            raise InvalidIdError(f"{database_id!r} does not fit {self.pattern}.")
        shard = self.root / database_id[:SHARD_LENGTH]
        folder = shard / database_id
        if shard.is_symlink() or folder.is_symlink():
            raise InvalidIdError(f"{folder} is a symlink, or below one: what it leads to is not the fleet's.")
        return folder / self.file_name

    def id_of(self, path: Path) -> str:
        """The id of a file: the name of its folder; raises InvalidIdError where it is not the fleet's."""
        identifier = path.parent.name
        if path != self.path_of(identifier):
            raise InvalidIdError(f"{path} is not where the fleet {self.name!r} keeps the database {identifier!r}.")
        return identifier


def get_fleet(name: str) -> Fleet:
    """The fleet of that name in the settings; raises UnknownFleetError."""
    if name not in settings.FLEETS:
        raise UnknownFleetError(f"No fleet is called {name!r}; there are {', '.join(sorted(settings.FLEETS))}.")
    configured: Any = settings.FLEETS[name]
    return Fleet(name, Path(configured["root"]), configured["pattern"], Path(configured["registry"]))


def all_fleets() -> list[Fleet]:
    """Every fleet in the settings, by name."""
    return [get_fleet(name) for name in sorted(settings.FLEETS)]


def _checked(name: str) -> str:
    """The name, if a folder of a fleet may be called so; raises InvalidIdError."""
    if not _is_name(name):
        shown = repr(name[:40]) + ("…" if len(name) > 40 else "")  # noqa: PLR2004 - enough to know it by
        raise InvalidIdError(
            f"{shown} cannot be the id of a database. It is the name of a folder: no slash, no dot at its beginning, "
            f"nothing that cannot be printed, at most {LONGEST_NAME} bytes."
        )
    return name


def _is_name(name: str) -> bool:
    return (
        name.isprintable()
        and not name.startswith(".")
        and not {"/", "\\"} & set(name)
        and 0 < len(name.encode("utf-8")) <= LONGEST_NAME
    )


def _folders(folder: Path, pattern: str) -> Iterator[str]:
    """The names of the folders in a folder that fit; no symlinks, nothing hidden. None where the folder is missing."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if fnmatchcase(entry.name, pattern) and _is_name(entry.name) and entry.is_dir(follow_symlinks=False):
                    yield entry.name
    except FileNotFoundError:
        return
    except OSError as error:
        raise UnreadableError(f"The folder {folder} cannot be read: {error}.") from error


def _status(path: str) -> os.stat_result | None:
    """What lstat says, or None where there is nothing."""
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableError(f"{path} cannot be looked at: {error}.") from error
