"""One database at a terminal, closely."""

import io
import json
import shutil
import sqlite3
import time
from contextlib import closing
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from dbadmin.change.rehearse import rehearse
from dbadmin.change.render import render
from dbadmin.console import looking
from dbadmin.examine import examine
from dbadmin.fleets import Fleet
from dbadmin.opening import BUSY_SECONDS
from tests.dbadmin.console.command import as_json, exit_code, fleet_command
from tests.dbadmin.fleets import add_database, execute, record, scan

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_inspects_compares_and_plans(fleet: Fleet) -> None:
    one, old = add_database(fleet), add_database(fleet, version=1)
    fleet_command("scan")
    assert as_json("inspect", one)["status"] == "current"
    assert "CREATE TABLE" in fleet_command("inspect", one)
    assert as_json("diff", one)["differences"] == []
    assert as_json("diff", old, "--to", "3")["version"] == 3
    assert as_json("diff", old, "--against", one)["differences"]
    planned = as_json("plan")
    assert [plan["versions"] for plan in planned["result"]["classes"].values()] == [[1, 3]]
    assert "1 database, version 1 to 3" in fleet_command("repair", "--dry-run")
    assert record(old).version == 1


def test_sql_is_printed_whole_on_a_narrow_terminal(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    database_id = add_database(fleet)
    name = "a_name_that_is_longer_than_its_column_can_be"
    execute(
        fleet.path_of(database_id), f"CREATE TABLE {name} (kind TEXT CHECK (kind IN ('some', 'others', 'neither')))"
    )
    said = fleet_command("inspect", database_id)
    rows = [[cell.strip() for cell in row.split("│")] for row in said.splitlines() if "│" in row]
    assert name in "".join(row[2] for row in rows)
    assert "('some', 'others', 'neither')" in " ".join(row[3] for row in rows)


def test_a_rehearsal_says_how_it_ends_and_leaves_the_database_as_it_is(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    before = fleet.path_of(old).read_bytes()
    assert "Done on a copy" in fleet_command("rehearse", old)
    found = as_json("rehearse", old, "--to", "2")
    assert (found["fromVersion"], found["toVersion"], found["failure"]) == (1, 2, "")
    assert fleet.path_of(old).read_bytes() == before


def test_the_sql_of_a_rehearsal_can_be_copied(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    old = fleet.path_of(add_database(fleet, version=1))
    script = render(rehearse(old, fleet.registry).plan)
    assert fleet_command("rehearse", old.parent.name).startswith(script)


def test_a_rehearsal_that_fails_is_exit_code_1(fleet: Fleet) -> None:
    old = add_database(fleet, version=1, rows=3)
    execute(fleet.path_of(old), "UPDATE tracks SET lang = 'same', auto = 1")
    assert exit_code("rehearse", old) == 1


def test_a_rehearsal_builds_a_damaged_full_text_index_again_as_the_repair_would(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    damage = "INSERT INTO captions_search (captions_search, rowid, body) VALUES ('delete', 1, 'body 1')"
    execute(fleet.path_of(database_id), damage)
    fleet_command("scan", "--deep")
    assert "RebuildFts" in fleet_command("rehearse", database_id)


def test_what_is_gone_is_listed_and_not_changed(fleet: Fleet) -> None:
    gone = add_database(fleet, version=1)
    fleet_command("scan")
    shutil.rmtree(fleet.path_of(gone).parent)
    fleet_command("scan")
    assert [one["id"] for one in as_json("list", "--status", "missing")] == [gone]
    assert f"{gone}  missing" in fleet_command("list", "--status", "missing")
    assert as_json("repair", "--status", "missing")["progress"]["total"] == 0


def test_the_id_of_a_snapshot_is_printed_whole_on_a_narrow_terminal(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    fleet_command("repair")
    cells = [row.split("│")[1].strip() for row in fleet_command("snapshots", old).splitlines() if "│" in row]
    assert "".join(cells) == as_json("snapshots", old)[0]["id"]


def test_a_database_without_snapshots_says_so(fleet: Fleet) -> None:
    assert fleet_command("snapshots", add_database(fleet)) == "No snapshot.\n"


def test_a_diff_speaks_of_what_it_compares_with(fleet: Fleet) -> None:
    old, new = add_database(fleet, version=1), add_database(fleet)
    to_other = [one["sentence"] for one in as_json("diff", new, "--against", old)["differences"]]
    assert f"The table 'tracks' is only in {old}." in to_other
    assert f"The table 'chapters' is not in {old}." in to_other
    to_version = [one["sentence"] for one in as_json("diff", old, "--to", "3")["differences"]]
    assert "The table 'tracks' is not in the schema of version 3." in to_version
    assert "Should be" in fleet_command("diff", old, "--to", "3")
    assert "Should be" not in fleet_command("diff", old, "--against", new)


def test_a_diff_of_what_cannot_be_read_says_so(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    fleet.path_of(database_id).write_bytes(b"no database" * 1000)
    with pytest.raises(CommandError, match="is not a SQLite database"):
        fleet_command("diff", database_id)


def look_into(database_id: str, *options: str) -> tuple[str, CommandError]:
    """What inspect prints of a file that it ends with exit code 1 for, and how."""
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("fleet", "inspect", database_id, *options, stdout=out, stderr=io.StringIO())
    return out.getvalue(), error.value


@pytest.mark.parametrize("content", [b"no database" * 1000, b"\0" * 4096])
def test_what_cannot_be_read_is_inspected_all_the_same(fleet: Fleet, content: bytes) -> None:
    database_id = add_database(fleet)
    fleet.path_of(database_id).write_bytes(content)
    said, error = look_into(database_id)
    assert (said.splitlines()[0], str(error), error.returncode) == (
        "corrupt; no version", f"{database_id} is corrupt.", 1,
    )  # fmt: skip
    assert "is not a SQLite database" in said
    data = json.loads(look_into(database_id, "--json")[0])
    assert (data["status"], data["tables"], data["views"], data["error"]) == ("corrupt", [], [], str(error))
    assert data["findings"]


def test_what_is_locked_is_not_waited_for_a_second_time(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "examine", partial(examine, timeout=0))
    database_id = add_database(fleet)
    with closing(sqlite3.connect(fleet.path_of(database_id), isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        assert "is locked by another process" in look_into(database_id)[0]
        with pytest.raises(CommandError, match="is locked by another process"):
            fleet_command("diff", database_id)
    assert time.monotonic() - began < BUSY_SECONDS


def test_an_empty_file_is_inspected(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    fleet.path_of(database_id).write_bytes(b"")
    assert fleet_command("inspect", database_id).split("\n")[:2] == [
        "unversioned; no version",
        "The file is empty (0 bytes).",
    ]


def test_damage_that_only_a_deep_look_finds_is_exit_code_1_beside_the_schema(fleet: Fleet) -> None:
    database_id = add_database(fleet, rows=300)
    path = fleet.path_of(database_id)
    content = path.read_bytes()
    path.write_bytes(content[:-4096] + b"\xff" * 4096)
    assert as_json("inspect", database_id)["error"] == ""
    data = json.loads(look_into(database_id, "--deep", "--json")[0])
    assert (data["status"], bool(data["tables"])) == ("corrupt", True)
    assert not data["findings"][0].startswith("***")
    scan(fleet, deep=True)
    assert json.loads(look_into(database_id, "--json")[0])["status"] == "corrupt"


def test_names_that_look_like_markup_are_printed_as_they_are(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), 'CREATE TABLE "[/b] :x:" (a)', 'INSERT INTO "[/b] :x:" VALUES (1)')
    fleet_command("scan")
    assert "[/b] :x:" in fleet_command("inspect", database_id)
    assert "[/b] :x:: 1 row" in fleet_command("plan", "--allow-destructive", database_id)
