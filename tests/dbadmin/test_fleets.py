"""A fleet: which files are its own, and which ids it takes."""

from pathlib import Path
from typing import Any

import pytest

from dbadmin.errors import InvalidIdError, UnknownFleetError, UnreadableError
from dbadmin.fleets import Fleet, get_fleet
from tests.dbadmin.files import REGISTRY_FOLDER

ID = "0193e0e2-7c1f-7cc0-8000-{:012}"


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet("captions", tmp_path / "fleet", "*/*/captions.db", REGISTRY_FOLDER)


def put(fleet: Fleet, *ids: str) -> list[Path]:
    """Empty files in the places of these ids."""
    paths = [fleet.path_of(identifier) for identifier in ids]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.touch()
    return paths


def test_a_fleet_is_settings_and_nothing_else(settings: Any, tmp_path: Path) -> None:
    settings.FLEETS = {"notes": {"root": str(tmp_path), "pattern": "*/*/notes.db", "registry": str(REGISTRY_FOLDER)}}
    notes = get_fleet("notes")
    assert (notes.root, notes.file_name, notes.registry.latest) == (tmp_path, "notes.db", 3)


def test_the_captions_databases_are_a_fleet() -> None:
    assert get_fleet("captions").registry.latest >= 3


def test_a_fleet_nobody_knows_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownFleetError, match="'subtitles'; there are captions"):
        get_fleet("subtitles")


def test_every_file_is_found_in_its_shard(fleet: Fleet) -> None:
    paths = put(fleet, "aa1", "aa2", "bb1")
    assert (fleet.shards(), list(fleet.find()), list(fleet.find("aa"))) == (["aa", "bb"], paths, paths[:2])


def test_a_file_and_its_id_are_found_from_each_other(fleet: Fleet) -> None:
    path = fleet.path_of(ID.format(1))
    assert path == fleet.root / "01" / ID.format(1) / "captions.db"
    assert fleet.id_of(path) == ID.format(1)


def test_a_fleet_without_a_file_yet_is_empty(fleet: Fleet) -> None:
    assert (fleet.shards(), list(fleet.find()), list(fleet.find("aa"))) == ([], [], [])


def test_what_has_the_name_and_is_no_file_is_found_to_be_looked_at(fleet: Fleet) -> None:
    fleet.path_of("aa1").mkdir(parents=True)
    fleet.path_of("aa2").parent.mkdir()
    fleet.path_of("aa2").symlink_to("/nowhere")
    assert [identifier for identifier, _, _ in fleet.walk()] == ["aa1", "aa2"]


def test_symlinks_and_snapshots_are_not_followed(fleet: Fleet, tmp_path: Path) -> None:
    (path,) = put(fleet, "aa1")
    elsewhere = Fleet("other", tmp_path / "other", "*/*/captions.db", REGISTRY_FOLDER)
    put(elsewhere, "bb1", "aa2")
    (fleet.root / "bb").symlink_to(elsewhere.root / "bb")
    (fleet.root / "aa" / "aa2").symlink_to(elsewhere.root / "aa" / "aa2")
    for hidden in (fleet.snapshots_folder, fleet.quarantine_folder, fleet.root / "aa" / ".aa3"):
        (hidden / "aa1").mkdir(parents=True)
        (hidden / "captions.db").touch()
        (hidden / "aa1" / "captions.db").touch()
    assert (list(fleet.find()), list(fleet.find("bb"))) == ([path], [])


@pytest.mark.parametrize("link", ["aa", "aa/aa1"])
def test_an_id_behind_a_symlink_is_refused(fleet: Fleet, tmp_path: Path, link: str) -> None:
    elsewhere = Fleet("other", tmp_path / "other", "*/*/captions.db", REGISTRY_FOLDER)
    put(elsewhere, "aa1")
    (fleet.root / link).parent.mkdir(parents=True, exist_ok=True)
    (fleet.root / link).symlink_to(elsewhere.root / link)
    with pytest.raises(InvalidIdError, match="is a symlink"):
        fleet.path_of("aa1")


def test_other_files_and_files_in_the_shard_of_others_are_not_the_fleets(fleet: Fleet) -> None:
    (path,) = put(fleet, "aa1")
    path.with_name("captions.db-wal").touch()
    (fleet.root / "README").touch()
    (fleet.root / "aa" / "aa2").mkdir()
    (fleet.root / "aa" / "bb1").mkdir()
    (fleet.root / "aa" / "bb1" / "captions.db").touch()
    assert list(fleet.find()) == [path]


def test_a_root_that_is_no_folder_is_said(fleet: Fleet) -> None:
    fleet.root.touch()
    with pytest.raises(UnreadableError, match="cannot be read"):
        fleet.shards()


@pytest.mark.parametrize(
    "identifier", ["", "..", "../x", "a/b", "a\\b", "/etc/passwd", "a\0b", "a\nb", ".snapshots", "é" * 128, "\udcff"]
)
def test_what_cannot_be_an_id_is_refused(fleet: Fleet, identifier: str) -> None:
    with pytest.raises(InvalidIdError, match="cannot be the id"):
        fleet.path_of(identifier)
    with pytest.raises(InvalidIdError):
        list(fleet.find(identifier))


def test_a_path_outside_the_fleet_has_no_id(fleet: Fleet, tmp_path: Path) -> None:
    for path in (tmp_path / "aa" / "aa1" / "captions.db", fleet.root / "aa" / "bb1" / "captions.db"):
        with pytest.raises(InvalidIdError, match="is not where"):
            fleet.id_of(path)
