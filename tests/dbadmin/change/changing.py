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
from tests.dbadmin.files import REGISTRY_FOLDER, change, make_database, make_from, registry

METADATA = (REGISTRY_FOLDER / "v1.sql").read_text().partition("CREATE TABLE tracks")[0]


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


def pair(folder: Path, actual: str, expected: str) -> tuple[Path, Registry]:
    """A database of version 1 that has `actual`, and a registry whose version 1 has `expected`."""
    registry_folder, path = folder / "registry", folder / "ab" / "abc" / "captions.db"
    registry_folder.mkdir()
    (registry_folder / "v1.sql").write_text(METADATA + expected)
    (registry_folder / "registry.toml").write_text("[v1]\nchecksum = 'first'\n")
    registry = with_checksums(registry_folder)
    path.parent.mkdir(parents=True)
    make_from(path, METADATA + actual)
    change(path, f"INSERT INTO database_metadata VALUES (1, 1, '{registry.fingerprint(1)}', '', NULL, NULL)")
    return path, registry


def steps(folder: Path, first: str, *others: str) -> tuple[Path, Registry]:
    """A database of version 1, and a registry with further versions: of each the schema, and the step up to it."""
    path, _ = pair(folder, first, first)
    registry_folder = folder / "registry"
    for version, (schema, up) in enumerate(zip(others[::2], others[1::2], strict=True), start=2):
        (registry_folder / f"v{version}.sql").write_text(METADATA + schema)
        with (registry_folder / "registry.toml").open("a") as declarations:
            declarations.write(f"[v{version}]\nchecksum = 'wrong_{version}'\n[v{version}.up]\n{up}\n")
    return path, with_checksums(registry_folder)
