"""What tests of changes have in common: a file, its plan, a change."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

from dbadmin.change.apply import Applied, apply
from dbadmin.change.plan import Plan, make_plan
from dbadmin.change.snapshots import Snapshots
from dbadmin.errors import RegistryError
from dbadmin.opening import open_database
from dbadmin.schema.registry import Registry
from tests.dbadmin.files import REGISTRY_FOLDER, make_database, registry


def made(folder: Path, version: int = 3, rows: int = 3, **options: Any) -> Path:
    """A database as it should be, in its place in a fleet."""
    return make_database(folder / "ab" / "abc" / "captions.db", version, rows, **options)


def snapshots(path: Path) -> Snapshots:
    """The snapshots of the fleet that the file is in."""
    return Snapshots(path.parents[2] / ".snapshots")


def planned(path: Path, **options: Any) -> Plan:
    """The plan for a file."""
    with closing(open_database(path)) as connection:
        return make_plan(connection, options.pop("registry", registry()), **options)


def changed(path: Path, **options: Any) -> Applied:
    """Apply to a file."""
    return apply(path, options.pop("registry", registry()), snapshots(path), **options)


def registry_with(folder: Path, version: int, old: str, new: str) -> Registry:
    """The registry with a piece of a version's DDL replaced; its checksums are set right."""
    folder.mkdir()
    for file in REGISTRY_FOLDER.iterdir():
        (folder / file.name).write_text(file.read_text())
    ddl = folder / f"v{version}.sql"
    assert old in ddl.read_text(), f"v{version}.sql has no {old!r}"
    ddl.write_text(ddl.read_text().replace(old, new))
    return with_checksums(folder)


def with_checksums(folder: Path) -> Registry:
    """The registry of a folder, after writing into it the checksums that it should have."""
    declarations = folder / "registry.toml"
    while True:
        try:
            return Registry(folder)
        except RegistryError as error:
            wrong = re.search(r"\[v(\d+)\] has the checksum '(\w+)', but v\d+.sql has \"(\w+)\"", str(error))
            if wrong is None:
                raise
            declarations.write_text(declarations.read_text().replace(wrong[2], wrong[3]))
