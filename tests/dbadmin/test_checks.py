"""What is wrong with a fleet's settings or registry is said before anything starts."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from dbadmin.checks import fleets_are_configured
from tests.dbadmin.files import REGISTRY_FOLDER

RIGHT = {"root": "/srv/databases", "pattern": "*/*/captions.db", "registry": REGISTRY_FOLDER}


def said(settings: Any, fleet: dict[str, Any]) -> list[tuple[str | None, str]]:
    settings.FLEETS = {"captions": fleet}
    return [(message.id, message.msg) for message in fleets_are_configured()]


def test_a_fleet_that_is_right_needs_no_words(settings: Any) -> None:
    assert said(settings, RIGHT) == []


def test_a_key_that_lacks_or_is_not_known_is_said(settings: Any) -> None:
    ((code, message),) = said(settings, {"root": "/srv", "patern": "*/*/captions.db"})
    assert (code, message) == ("dbadmin.E001", "FLEETS['captions'] has patern, root.")


@pytest.mark.parametrize("pattern", ["*/captions.db", "*/*/*/captions.db", "*/*/*.db", "*/*/", "**/captions.db"])
def test_a_pattern_that_nothing_would_be_found_by_is_said(settings: Any, pattern: str) -> None:
    assert [code for code, _ in said(settings, {**RIGHT, "pattern": pattern})] == ["dbadmin.E002"]


def test_a_registry_that_is_wrong_is_said(settings: Any, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(REGISTRY_FOLDER, tmp_path / "schema"))
    (folder / "v2.sql").unlink()
    ((code, message),) = said(settings, {**RIGHT, "registry": folder})
    assert code == "dbadmin.E003"
    assert "v2.sql is missing" in message
