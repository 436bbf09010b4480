"""The schema registry of a fleet: a folder with the DDL of every version, and registry.toml with the steps between.

v1.sql, v2.sql … are complete. registry.toml has a table for each version: its checksum (the fingerprint of its schema),
and, from v2 on, what a step `up` from the version before and a step `down` to it need to know.
"""

import hashlib
import re
import sqlite3
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from dbadmin.errors import RegistryError, UnknownVersionError
from dbadmin.schema.introspect import inspect
from dbadmin.schema.model import METADATA_TABLE, Schema
from dbadmin.schema.steps import Step, check_step, read_step
from dbadmin.schema.tokens import SqlError

DECLARATIONS = "registry.toml"
_FILE = re.compile(r"v([1-9][0-9]*)\.sql")


class Registry:
    """Every version of a fleet's schema. All is read and checked at once; a wrong registry raises RegistryError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sql = _read_versions(folder)
        self.versions: tuple[int, ...] = tuple(self._sql)
        self._schemas = {version: self._made(version) for version in self.versions}
        self._fingerprints = {version: schema.fingerprint() for version, schema in self._schemas.items()}
        self._up: dict[int, Step] = {}
        self._down: dict[int, Step] = {}
        self._read_declarations()
        self.digest = hashlib.sha256(repr([self._sql, _read(folder / DECLARATIONS)]).encode()).hexdigest()

    @property
    def latest(self) -> int:
        """The newest version."""
        return self.versions[-1]

    def sql(self, version: int) -> str:
        """The complete DDL of a version; raises UnknownVersionError."""
        return self._sql[self._known(version)]

    def schema(self, version: int) -> Schema:
        """The canonical model of a version; raises UnknownVersionError."""
        return self._schemas[self._known(version)]

    def fingerprint(self, version: int) -> str:
        """The checksum of a version; raises UnknownVersionError."""
        return self._fingerprints[self._known(version)]

    def version_of(self, fingerprint: str) -> int | None:
        """The newest version with this fingerprint."""
        return max((version for version, known in self._fingerprints.items() if known == fingerprint), default=None)

    def steps(self, start: int, end: int) -> tuple[Step, ...]:
        """The steps from one version to another, up or down; none from a version to itself."""
        self._known(start), self._known(end)
        if start <= end:
            return tuple(self._up[version] for version in range(start + 1, end + 1))
        return tuple(self._down[version] for version in range(start, end, -1))

    def _known(self, version: int) -> int:
        if version not in self._sql:
            raise UnknownVersionError(f"{self.folder} has no version {version}; it has 1 to {self.latest}.")
        return version

    def _made(self, version: int) -> Schema:
        file = self.folder / f"v{version}.sql"
        connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            connection.executescript(self._sql[version])
            schema = inspect(connection)
        except (sqlite3.Error, SqlError) as error:
            raise RegistryError(f"{file} is not a schema: {error}.") from error
        finally:
            connection.close()
        if METADATA_TABLE not in schema.tables:
            raise RegistryError(f"{file} has no table {METADATA_TABLE}, in which a database says its version.")
        return schema

    def _read_declarations(self) -> None:
        file = self.folder / DECLARATIONS
        try:
            declared = tomllib.loads(_read(file))
        except tomllib.TOMLDecodeError as error:
            raise RegistryError(f"{file} is not TOML: {error}.") from error
        if unknown := sorted(set(declared) - {f"v{version}" for version in self.versions}):
            raise RegistryError(f"{file} has [{unknown[0]}], but there is no {unknown[0]}.sql beside it.")
        for version in self.versions:
            if not isinstance(declared.get(f"v{version}"), dict):
                raise RegistryError(f"{file} has no [v{version}], which v{version}.sql needs.")
            self._read_declaration(version, declared[f"v{version}"])

    def _read_declaration(self, version: int, declared: dict[str, Any]) -> None:
        file = self.folder / DECLARATIONS
        checksum = declared.get("checksum")
        if checksum != self._fingerprints[version]:
            raise RegistryError(
                f"{file}: [v{version}] has the checksum {checksum!r}, but v{version}.sql has "
                f'"{self._fingerprints[version]}". A version that databases have is never changed: add a new one.'
            )
        takes = {"checksum", "up", "down"} if version > 1 else {"checksum"}
        if unknown := sorted(set(declared) - takes):
            raise RegistryError(f"{file}: [v{version}] has {unknown[0]!r}; it takes {', '.join(sorted(takes))}.")
        if version > 1:
            self._up[version] = self._step(declared, "up", version - 1, version)
            self._down[version] = self._step(declared, "down", version, version - 1)

    def _step(self, declared: dict[str, Any], direction: str, start: int, end: int) -> Step:
        where = f"[v{max(start, end)}.{direction}]"
        step = read_step(declared.get(direction, {}), start, end, f"{self.folder / DECLARATIONS}: {where}")
        check_step(step, self._schemas[start], self._schemas[end], self.folder / DECLARATIONS, where)
        return step


@cache
def load_registry(folder: Path) -> Registry:
    """The registry of a folder, read once in each process; raises RegistryError."""
    return Registry(folder)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"{file} cannot be read: {error}.") from error


def _read_versions(folder: Path) -> dict[int, str]:
    """The DDL of each version, in their order."""
    if not folder.is_dir():
        raise RegistryError(f"{folder} is no folder: a schema registry is one, with v1.sql and {DECLARATIONS} in it.")
    found = sorted(int(match[1]) for file in folder.iterdir() if (match := _FILE.fullmatch(file.name)))
    for expected in range(1, max(len(found), 1) + 1):
        if expected not in found:
            raise RegistryError(f"{folder / f'v{expected}.sql'} is missing: versions have no gaps and begin at 1.")
    return {version: _read(folder / f"v{version}.sql") for version in found}
