"""Nothing is lost without consent, and consent is to one plan with its counts."""

import shutil
from pathlib import Path

import pytest

from dbadmin.change.errors import ConsentNeededError, StalePlanError
from dbadmin.errors import UnknownVersionError
from dbadmin.examine import examine
from dbadmin.schema.registry import Registry
from tests.dbadmin.change.changing import changed, made, planned, snapshots
from tests.dbadmin.change.dumps import rows_of, schema_of
from tests.dbadmin.files import REGISTRY_FOLDER, change, content, registry

EXTRA = (
    "CREATE TABLE notes (text TEXT)",
    "INSERT INTO notes VALUES ('kept')",
    "ALTER TABLE captions ADD COLUMN mood TEXT",
)


def test_extra_tables_and_columns_stay_without_consent(tmp_path: Path) -> None:
    path = change(made(tmp_path), *EXTRA, "UPDATE captions SET mood = 'good' WHERE id = 1", "DROP INDEX captions_auto")
    before = rows_of(path)
    plan = changed(path).plan
    assert plan.kept == ("captions.mood", "notes")
    assert not plan.is_destructive
    assert rows_of(path) == before
    assert "index captions_auto" in schema_of(path)


def test_an_extra_column_survives_the_rebuild_of_its_table(tmp_path: Path) -> None:
    path = change(made(tmp_path, version=2), *EXTRA, "UPDATE captions SET mood = 'good' WHERE id = 1")
    changed(path)
    assert content(path, "SELECT id, mood FROM captions WHERE mood IS NOT NULL") == [(1, "good")]
    assert content(path, "SELECT text FROM notes") == [("kept",)]


def test_what_a_later_version_has_too_becomes_what_it_should_be(tmp_path: Path) -> None:
    path = change(
        made(tmp_path, version=2),
        "CREATE VIEW languages AS SELECT 1",
        "ALTER TABLE captions ADD COLUMN created_at TEXT",
        "UPDATE captions SET created_at = 'early' WHERE id = 1",
    )
    changed(path)
    assert examine(path, registry()).flags == frozenset()
    assert content(path, "SELECT id FROM captions WHERE created_at = 'early'") == [(1,)]


def test_extra_tables_and_columns_go_with_consent_after_a_snapshot(tmp_path: Path) -> None:
    path = change(made(tmp_path), *EXTRA, "UPDATE captions SET mood = 'good' WHERE id = 1")
    plan = planned(path, keep_extra=False)
    assert plan.losses == {"notes": 1, "captions.mood": 1}
    applied = changed(path, consent=plan.hash)
    assert "table notes" not in schema_of(path)
    assert applied.snapshot is not None
    assert content(applied.snapshot.path, "SELECT text FROM notes") == [("kept",)]
    assert planned(path, keep_extra=False).is_empty


def test_empty_extras_are_no_loss(tmp_path: Path) -> None:
    path = change(made(tmp_path), "CREATE TABLE notes (text TEXT)", "ALTER TABLE captions ADD COLUMN mood TEXT")
    plan = planned(path, keep_extra=False)
    assert plan.actions
    assert plan.losses == {}


def test_a_change_after_consent_makes_the_plan_stale(tmp_path: Path) -> None:
    path = change(made(tmp_path), *EXTRA)
    consent = planned(path, keep_extra=False).hash
    change(path, "INSERT INTO notes VALUES ('came later')")
    before = path.read_bytes()
    with pytest.raises(StalePlanError) as stale:
        changed(path, consent=consent)
    assert stale.value.code == "stale_plan"
    assert path.read_bytes() == before
    assert not snapshots(path).of("abc")


def test_going_down_tells_its_losses_and_asks(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = path.read_bytes()
    with pytest.raises(ConsentNeededError) as needed:
        changed(path, to_version=1)
    assert needed.value.losses == {"captions.created_at": 3, "chapters": 3}
    assert needed.value.hash == planned(path, to_version=1).hash
    assert path.read_bytes() == before


def test_down_and_up_again_leaves_the_common_columns_as_they_were(tmp_path: Path) -> None:
    path = made(tmp_path, rows=20)
    query = "SELECT rowid, id, language, source, body FROM captions ORDER BY id"
    before = content(path, query)
    changed(path, to_version=1, consent=planned(path, to_version=1).hash)
    assert content(path, "SELECT count(*) FROM tracks") == [(20,)]
    changed(path)
    assert content(path, query) == before
    assert schema_of(path) == schema_of(made(tmp_path / "new"))


def test_a_step_from_an_older_version_counts_what_is_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    shutil.copytree(REGISTRY_FOLDER, folder)
    with (folder / "registry.toml").open("a") as file:
        file.write("fill = { 'captions.body' = \"CASE source WHEN 'auto' THEN '' ELSE body END\" }\n")
    plan = planned(made(tmp_path, version=1), registry=Registry(folder))
    assert plan.losses == {"tracks.body (written over)": 2}
    version_2 = made(tmp_path / "other", version=2)
    assert planned(version_2, registry=Registry(folder)).losses == {"captions.body (written over)": 2}


def test_an_unknown_version_is_never_touched(tmp_path: Path) -> None:
    path = change(made(tmp_path), "UPDATE database_metadata SET schema_version = 99", "DROP TRIGGER captions_deleted")
    before = path.read_bytes()
    with pytest.raises(UnknownVersionError, match="left as it is"):
        changed(path)
    with pytest.raises(UnknownVersionError):
        planned(path, keep_extra=False)
    assert path.read_bytes() == before


def test_a_version_that_the_registry_has_not_cannot_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UnknownVersionError):
        changed(made(tmp_path), to_version=4)
