"""What a plan says: its SQL, its names, what it would be like."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from dbadmin.change.rehearse import rehearse
from dbadmin.change.render import render
from tests.dbadmin.change.changing import changed, made, planned
from tests.dbadmin.change.dumps import schema_of
from tests.dbadmin.files import change, content, registry


def test_a_plan_changes_nothing(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    before = path.read_bytes()
    planned(path)
    assert path.read_bytes() == before


def test_equal_plans_are_one_class_and_losses_tell_them_apart(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one", rows=1), made(tmp_path / "other", rows=2)
    plans = [planned(path, to_version=2) for path in (one, other)]
    assert plans[0].plan_class == plans[1].plan_class
    assert plans[0].hash != plans[1].hash
    assert planned(one).plan_class != plans[0].plan_class


def test_the_script_does_in_any_sqlite_what_the_plan_does(tmp_path: Path) -> None:
    path, other = made(tmp_path / "one", version=1), made(tmp_path / "other", version=1)
    script = render(planned(path))
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.executescript(script)
    changed(path)
    assert schema_of(other) == schema_of(path)
    found = "SELECT id, language, source, body FROM captions WHERE id IN (SELECT rowid FROM captions_search('body'))"
    assert content(other, found) == content(path, found) != []


def test_the_script_names_losses_and_what_is_kept(tmp_path: Path) -> None:
    path = change(made(tmp_path), "CREATE TABLE notes (text TEXT)")
    script = render(planned(path, to_version=2))
    assert "-- LOSES captions.created_at: 3\n" in script
    assert "-- Keeps notes" in script
    assert render(planned(made(tmp_path / "other"))).endswith("-- Nothing to do.\n")


def test_a_plan_can_be_told_as_json(tmp_path: Path) -> None:
    data = json.loads(json.dumps(planned(made(tmp_path), to_version=2).as_data()))
    assert data["losses"] == {"captions.created_at": 3}
    assert {"type": "DropView", "name": "languages", "sql": ['DROP VIEW "languages"']} in data["actions"]


def test_a_rehearsal_changes_a_copy_only(tmp_path: Path) -> None:
    path = made(tmp_path, version=1)
    before = path.read_bytes()
    rehearsal = rehearse(path, registry())
    assert rehearsal.failure is None
    assert rehearsal.seconds > 0
    assert rehearsal.plan == planned(path)
    assert path.read_bytes() == before


def test_a_rehearsal_tells_what_would_stop_the_plan(tmp_path: Path) -> None:
    path = change(made(tmp_path, version=1), "UPDATE tracks SET lang = 'same', auto = 1")
    failure = rehearse(path, registry()).failure
    assert failure is not None
    assert "UNIQUE constraint failed: captions.language, captions.source (2 rows)" in str(failure)
