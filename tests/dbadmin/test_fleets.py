"""A fleet: which files are its own, and which ids it takes."""

from pathlib import Path
from typing import Any

import pytest

from dbadmin.errors import InvalidIdError, UnknownFleetError
from dbadmin.fleets import Fleet, get_fleet
from tests.dbadmin.files import REGISTRY_FOLDER

ID = "0193e0e2-7c1f-7cc0-8000-000000000001"


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet("captions", tmp_path / "fleet", "*/*/captions.db", REGISTRY_FOLDER)


def test_a_fleet_is_settings_and_nothing_else(settings: Any, tmp_path: Path) -> None:
    settings.FLEETS = {"notes": {"root": str(tmp_path), "pattern": "*/*/notes.db", "registry": str(REGISTRY_FOLDER)}}
    notes = get_fleet("notes")
    assert (notes.root, notes.file_name, notes.registry.latest) == (tmp_path, "notes.db", 3)


def test_the_captions_databases_are_a_fleet() -> None:
    assert get_fleet("captions").registry.latest >= 3


def test_a_fleet_nobody_knows_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownFleetError, match="'subtitles'; there are captions"):
        get_fleet("subtitles")


def test_a_database_lies_in_the_shard_of_its_id(fleet: Fleet) -> None:
    path = fleet.path_of(ID)
    assert path == fleet.root / "01" / ID / "captions.db"
    assert str(path) == fleet.place_of(ID)


@pytest.mark.parametrize("link", ["aa", "aa/aa1"])
def test_an_id_behind_a_symlink_is_refused(fleet: Fleet, tmp_path: Path, link: str) -> None:
    elsewhere = Fleet("other", tmp_path / "other", "*/*/captions.db", REGISTRY_FOLDER)
    elsewhere.path_of("aa1").mkdir(parents=True)
    (fleet.root / link).parent.mkdir(parents=True, exist_ok=True)
    (fleet.root / link).symlink_to(elsewhere.root / link)
    with pytest.raises(InvalidIdError, match="is a symlink"):
        fleet.path_of("aa1")


@pytest.mark.parametrize(
    "identifier", ["", "..", "../x", "a/b", "a\\b", "/etc/passwd", "a\0b", "a\nb", ".snapshots", "é" * 128, "\udcff"]
)
def test_what_cannot_be_an_id_is_refused(fleet: Fleet, identifier: str) -> None:
    with pytest.raises(InvalidIdError, match="cannot be the id"):
        fleet.path_of(identifier)
