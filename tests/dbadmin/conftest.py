"""Fixtures of the tests of fleets."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from dbadmin import status
from dbadmin.fleets import Fleet, get_fleet
from tests.dbadmin import fleets
from tests.dbadmin.files import REGISTRY_FOLDER
from tests.dbadmin.fleets import add_database, execute, scan


@pytest.fixture
def fleet(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """An empty fleet of the small registry, under the name of the built-in one."""
    monkeypatch.setattr(fleets, "numbers", itertools.count(1))  # else how ids are ordered depends on earlier tests
    status._counted.clear()  # kept by versions, which a test that is rolled back does not change
    root = tmp_path / "databases"
    root.mkdir()
    settings.FLEETS = {"captions": {"root": root, "pattern": "*/*/captions.db", "registry": REGISTRY_FOLDER}}
    return get_fleet("captions")


@pytest.fixture
def lossy(fleet: Fleet) -> str:
    """A database with a row that no version has room for."""
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    scan(fleet)
    return database_id
