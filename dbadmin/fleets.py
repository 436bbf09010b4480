"""A fleet: many SQLite files with one schema registry, configured by settings alone."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings

from dbadmin.errors import InvalidIdError, UnknownFleetError
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

    @cached_property
    def registry(self) -> Registry:
        """Its schema registry; raises RegistryError."""
        return load_registry(self.registry_folder)

    @property
    def option(self) -> str:
        """What a hint adds to a `manage.py fleet` command for this fleet; empty for the one that needs no word."""
        return "" if self.name == BUILT_IN else f" --fleet {self.name}"

    @property
    def snapshots_folder(self) -> Path:
        """Where the copies go that are made before a change."""
        return self.root / ".snapshots"

    @property
    def quarantine_folder(self) -> Path:
        """Where damaged originals go."""
        return self.root / ".quarantine"

    @cached_property
    def file_name(self) -> str:
        """What each file is called."""
        return self.pattern.rpartition("/")[2]

    @cached_property
    def _folder(self) -> str:
        """The root as text: to make it anew for each file would take longer than the rest of its path."""
        return str(self.root)

    def place_of(self, database_id: str) -> str:
        """Where the file of an id is, for an id that a walk has met there; see `path_of` for any other."""
        return f"{self._folder}/{database_id[:SHARD_LENGTH]}/{database_id}/{self.file_name}"

    def path_of(self, database_id: str) -> Path:
        """Where the file of an id is, or would be.

        Raises InvalidIdError for what cannot be an id, or where a symlink would lead out of the fleet.
        """
        _checked(database_id)
        if not fnmatchcase(database_id, self.pattern.split("/")[1]):
            raise InvalidIdError(f"{database_id!r} does not fit {self.pattern}.")
        path = Path(self.place_of(database_id))
        if path.parent.is_symlink() or path.parent.parent.is_symlink():
            raise InvalidIdError(f"{path.parent} is a symlink, or below one: what it leads to is not the fleet's.")
        return path


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
    if not is_name(name):
        shown = repr(name[:40]) + ("…" if len(name) > 40 else "")  # noqa: PLR2004 - enough to know it by
        raise InvalidIdError(
            f"{shown} cannot be the id of a database. It is the name of a folder: no slash or backslash, no dot at its "
            f"beginning, nothing that cannot be printed, at most {LONGEST_NAME} bytes."
        )
    return name


def is_name(name: str) -> bool:
    """Whether a folder of a fleet may be called so; a walk asks it of every one."""
    return (
        name.isprintable()
        and not name.startswith(".")
        and "/" not in name
        and "\\" not in name
        and 0 < len(name.encode("utf-8")) <= LONGEST_NAME
    )
