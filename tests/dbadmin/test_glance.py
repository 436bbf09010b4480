"""A glance says what a look would say, or nothing."""

from pathlib import Path

import pytest

from dbadmin.examine import Finding, examine
from dbadmin.glance import glance
from tests.dbadmin.files import change, make_database, make_from, registry
from tests.dbadmin.sqlite_file.files import settle


def finding_of(path: Path) -> Finding | None:
    """What a glance finds."""
    glanced = glance(str(path), registry())
    return glanced and glanced[0]


CHANGES = [
    "DROP TRIGGER captions_inserted",
    "CREATE TABLE extra (a)",
    "UPDATE database_metadata SET schema_version = 99",
    "UPDATE database_metadata SET schema_version = 2",
    "UPDATE database_metadata SET schema_version = 'abc'",
    "UPDATE database_metadata SET schema_checksum = 'abc'",
    "UPDATE database_metadata SET schema_checksum = x'00'",
    "DELETE FROM database_metadata",
    "ALTER TABLE captions RENAME COLUMN body TO text",
]


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_glance_at_each_version_says_what_a_look_says(tmp_path: Path, version: int, journal_mode: str) -> None:
    path = settle(make_database(tmp_path / "a.db", version, journal_mode=journal_mode))
    assert examine(path, registry()) == finding_of(path)


@pytest.mark.parametrize("statement", CHANGES)
def test_a_glance_at_a_changed_file_says_what_a_look_says(tmp_path: Path, statement: str) -> None:
    path = settle(change(make_database(tmp_path / "a.db"), statement))
    assert examine(path, registry()) == finding_of(path)


def test_a_schema_that_was_never_looked_at_is_left_to_sqlite(tmp_path: Path) -> None:
    path = settle(change(make_database(tmp_path / "a.db"), "CREATE TABLE never_looked_at (a)"))
    assert finding_of(path) is None
    examine(path, registry())
    assert finding_of(path) is not None


def test_a_file_without_metadata_is_left_to_sqlite(tmp_path: Path) -> None:
    path = settle(change(make_database(tmp_path / "a.db"), "DROP TABLE database_metadata"))
    examine(path, registry())
    assert finding_of(path) is None


@pytest.mark.parametrize("columns", ["id INT", "schema_version INT", "SCHEMA_VERSION INT, Schema_Checksum TEXT"])
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_glance_at_other_metadata_says_what_a_look_says_or_nothing(tmp_path: Path, columns: str, rows: int) -> None:
    statement = f"CREATE TABLE database_metadata ({columns})"
    path = make_from(tmp_path / "a.db", statement)
    settle(change(path, *["INSERT INTO database_metadata DEFAULT VALUES"] * rows))
    found = examine(path, registry())
    assert finding_of(path) in (found, None)
