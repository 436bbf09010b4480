"""Fixtures of the tests of fleets."""

from pathlib import Path
from typing import Any

import pytest

from dbadmin import status
from dbadmin.fleets import Fleet, get_fleet
from tests.dbadmin.files import REGISTRY_FOLDER


@pytest.fixture
def fleet(settings: Any, tmp_path: Path) -> Fleet:
    """An empty fleet of the small registry, under the name of the built-in one."""
    status._counted.clear()  # kept by versions, which a test that is rolled back does not change
    root = tmp_path / "databases"
    root.mkdir()
    settings.FLEETS = {"captions": {"root": root, "pattern": "*/*/captions.db", "registry": REGISTRY_FOLDER}}
    return get_fleet("captions")
