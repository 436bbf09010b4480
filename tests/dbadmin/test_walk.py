"""Walking a fleet: which files are its own."""

import os
from pathlib import Path

import pytest

from dbadmin.errors import UnreadableError
from dbadmin.fleets import Fleet
from dbadmin.scan.walk import estimate_files, shards_of, walk
from dbadmin.sqlite_file.look import look
from tests.dbadmin.files import REGISTRY_FOLDER


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return _fleet(tmp_path / "fleet")


def _fleet(root: Path) -> Fleet:
    root.mkdir()
    return Fleet("captions", root, "*/*/captions.db", REGISTRY_FOLDER)


def put(fleet: Fleet, *ids: str) -> None:
    """Empty files in the places of these ids."""
    for identifier in ids:
        path = fleet.path_of(identifier)
        path.parent.mkdir(parents=True)
        path.touch()


def ids(fleet: Fleet) -> list[str]:
    """What a walk finds in all shards."""
    found = (place for shard in shards_of(fleet) for place in walk(fleet, shard))
    return sorted(identifier for identifier, path, folder in found if look(path, folder))


def test_every_file_is_found_in_its_shard(fleet: Fleet) -> None:
    put(fleet, "aa1", "aa2", "bb1")
    assert (shards_of(fleet), sorted(identifier for identifier, _, _ in walk(fleet, "aa"))) == (
        ["aa", "bb"],
        ["aa1", "aa2"],
    )


def test_a_fleet_without_a_file_yet_is_empty(fleet: Fleet) -> None:
    assert shards_of(fleet) == []


def test_a_fleet_that_nobody_has_counted_is_estimated_by_some_of_its_shards(fleet: Fleet) -> None:
    put(fleet, *(f"{shard:02}-{place}" for shard in range(40) for place in range(3)))
    assert estimate_files(fleet) == (120, 40)


def test_a_fleet_without_a_root_is_estimated_as_nothing(fleet: Fleet) -> None:
    fleet.root.rmdir()
    assert estimate_files(fleet) == (0, 0)


def test_what_has_the_name_and_is_no_file_is_found_to_be_looked_at(fleet: Fleet) -> None:
    fleet.path_of("aa1").mkdir(parents=True)
    fleet.path_of("aa2").parent.mkdir()
    fleet.path_of("aa2").symlink_to("/nowhere")
    assert ids(fleet) == ["aa1", "aa2"]


def test_symlinks_and_snapshots_are_not_followed(fleet: Fleet, tmp_path: Path) -> None:
    put(fleet, "aa1")
    elsewhere = _fleet(tmp_path / "other")
    put(elsewhere, "bb1", "aa2")
    (fleet.root / "bb").symlink_to(elsewhere.root / "bb")
    (fleet.root / "aa" / "aa2").symlink_to(elsewhere.root / "aa" / "aa2")
    for hidden in (fleet.snapshots_folder, fleet.quarantine_folder, fleet.root / "aa" / ".aa3"):
        (hidden / "aa1").mkdir(parents=True)
        (hidden / "captions.db").touch()
        (hidden / "aa1" / "captions.db").touch()
    assert ids(fleet) == ["aa1"]


def test_other_files_are_not_the_fleets(fleet: Fleet) -> None:
    put(fleet, "aa1")
    fleet.path_of("aa1").with_name("captions.db-wal").touch()
    (fleet.root / "README").touch()
    (fleet.root / "aa" / "aa2").mkdir()
    assert ids(fleet) == ["aa1"]


def test_a_walk_leaves_no_folder_open(fleet: Fleet) -> None:
    put(fleet, "aa1", "aa2")
    before = os.listdir("/proc/self/fd")  # noqa: PTH208 - names
    assert len(list(walk(fleet, "aa"))) == 2
    next(walk(fleet, "aa"))
    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208


def test_a_root_that_is_no_folder_is_said(fleet: Fleet) -> None:
    fleet.root.rmdir()
    fleet.root.touch()
    with pytest.raises(UnreadableError, match="cannot be read"):
        shards_of(fleet)
