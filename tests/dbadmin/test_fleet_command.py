"""manage.py fleet as somebody at a terminal uses it."""

import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class

from dbadmin.batch.start import start_change
from dbadmin.batch.wish import Wish
from dbadmin.change.rehearse import rehearse
from dbadmin.change.render import render
from dbadmin.console import changing, salvaged, status
from dbadmin.console.progress import read
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, DatabaseRecord, Outcome, What
from dbadmin.scan import start
from dbadmin.selection import Selection
from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, Status
from tests.dbadmin.files import content, redefine
from tests.dbadmin.fleets import add_database, execute, record, run
from tests.processes import ROOT, process_environment, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def without_a_broker(settings: Any) -> None:
    settings.REDIS_URL = ""


def fleet_command(*arguments: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("fleet", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def as_json(*arguments: str) -> Any:
    return json.loads(fleet_command(*arguments, "--json"))


def exit_code(*arguments: str) -> int:
    with pytest.raises(CommandError) as error:
        fleet_command(*arguments)
    return error.value.returncode


def test_it_scans_and_says_how_the_fleet_is(fleet: Fleet) -> None:
    ids = [add_database(fleet), add_database(fleet, version=1)]
    assert "2 databases read: 1 current, 1 outdated" in fleet_command("scan")
    assert as_json("status")["byVersion"] == {"1": 1, "3": 1}
    assert [one["id"] for one in as_json("list", "--status", "outdated")] == ids[1:]
    assert ids[0] in fleet_command("list")
    assert as_json("scan", ids[0])["progress"]["processed"] == 1


def test_the_status_of_a_fleet_begins_with_the_whole_in_one_line(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    add_database(fleet)
    fleet_command("scan")
    first = fleet_command("status").splitlines()[0]
    assert first.startswith("captions: 1 database, ")
    assert first.endswith(" UTC")


def test_a_list_fits_a_terminal_and_says_below_what_is_wrong(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "DROP TRIGGER captions_inserted")
    fleet_command("scan")
    table, _, words = fleet_command("list").partition(f"{database_id}:")
    assert f"{database_id}  incomplete" in table
    assert words.split()[:3] == ["drifted:", "The", "trigger"]


def test_a_list_says_how_many_it_does_not_show(fleet: Fleet) -> None:
    for _ in range(3):
        add_database(fleet)
    fleet_command("scan")
    assert "2 of 3 shown; --limit 0 shows all." in fleet_command("list", "--limit", "2")
    for limit in ("3", "0"):
        assert "shown" not in fleet_command("list", "--limit", limit)
    assert len(as_json("list", "--limit", "2")) == 2


def test_a_list_of_nothing_says_so(fleet: Fleet) -> None:
    assert fleet_command("list") == "No database.\n"


def test_a_scan_that_is_left_to_the_workers_shows_no_counts_yet(fleet: Fleet) -> None:
    add_database(fleet)
    said = fleet_command("scan", "--enqueue")
    assert "is left to the workers" in said
    assert "Unchanged" not in said


def test_no_abbreviation_is_taken_for_consent(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), "CREATE TABLE extra (a)")
    fleet_command("scan")
    fleet_command("plan", "--allow-destructive")
    with pytest.raises(CommandError, match="--all"):
        fleet_command("repair", "--all")
    assert content(fleet.path_of(database_id), "SELECT count(*) FROM extra") == [(0,)]


def test_a_verb_that_there_is_not_is_answered_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    command = load_command_class("dbadmin", "fleet")
    with pytest.raises(SystemExit):
        command.run_from_argv(["manage.py", "fleet", "mend"])
    assert "'plan', 'repair', 'migrate', 'rollback', 'salvage'" in capsys.readouterr().err


def test_migrating_asks_for_its_version(fleet: Fleet) -> None:
    with pytest.raises(CommandError, match="needs --to VERSION, 1 to 3"):
        fleet_command("migrate")


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


def test_it_repairs_migrates_and_rolls_back(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    fleet_command("repair")
    assert record(old).version == 3
    snapshot = as_json("snapshots", old)[0]["id"]
    fleet_command("rollback", old, snapshot)
    assert record(old).version == 1
    fleet_command("migrate", old, "--to", "2")
    assert record(old).version == 2


def corrupt(fleet: Fleet) -> str:
    """A database whose first page is gone."""
    database_id = add_database(fleet, rows=300)
    path = fleet.path_of(database_id)
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])
    return database_id


def test_a_salvage_prints_what_it_recovered_and_where_the_original_is(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    database_id = corrupt(fleet)
    fleet_command("scan")
    said = fleet_command("salvage")
    assert record(database_id).status != "corrupt"
    report = DatabaseChange.objects.get().report
    assert f"{database_id}: salvaged as version 3" in said
    rows = [[cell.strip() for cell in line.split("│")] for line in said.splitlines() if "│" in line]
    for name, counts in report["tables"].items():
        assert ["", name, *(str(counts[word]) for word in ("recovered", "rejected", "uncertain")), ""] in rows
    assert f"{report['lost_and_found']} rows are in lost_and_found, {report['unreadable']} cells could not" in said
    assert f"The original is kept at {report['quarantined']}\n" in said
    assert "nobody can count" not in said


def test_a_salvage_names_the_tables_that_miss_pages(fleet: Fleet) -> None:
    database_id = corrupt(fleet)
    path = fleet.path_of(database_id)
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * 4096 + content[12288:])
    fleet_command("scan")
    said = fleet_command("salvage")
    incomplete = DatabaseChange.objects.get().report["incomplete"]
    assert f"Pages of {', '.join(incomplete)} could not be read" in " ".join(said.split())


def test_a_salvage_says_why_it_left_a_database_alone(fleet: Fleet) -> None:
    sound = add_database(fleet)
    fleet_command("scan")
    said = " ".join(fleet_command("salvage", sound).split())
    assert f"{sound}: unchanged." in said
    assert "is current, not corrupt: it needs no salvage." in said


def test_of_many_salvaged_databases_some_are_named_and_all_are_in_the_json(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salvaged, "NAMED", 1)
    ids = [corrupt(fleet) for _ in range(3)]
    fleet_command("scan")
    said = fleet_command("salvage")
    assert (said.count("salvaged as version"), "and 2 more" in said) == (1, True)
    reports = as_json("salvage", *ids)["reports"]
    assert (sorted(reports), [*reports[ids[0]]]) == (sorted(ids), ["reason"])


def test_failures_are_named_and_are_exit_code_1(fleet: Fleet) -> None:
    good, bad = add_database(fleet, version=1), add_database(fleet, version=1)
    fleet_command("scan")
    fleet.path_of(bad).write_bytes(b"no database" * 1000)
    assert exit_code("repair") == 1
    assert (record(good).version, record(bad).error_code) == (3, "not_a_database")


def test_failures_are_counted_in_databases(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    add_database(fleet, version=1)
    bad = [add_database(fleet, version=1) for _ in range(3)]
    fleet_command("scan")
    for one in bad:
        fleet.path_of(one).write_bytes(b"no database" * 1000)
    monkeypatch.setattr(changing, "NAMED", 1)
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"^3 of 4 databases failed\.$"):
        call_command("fleet", "repair", stdout=out)
    assert "and 2 more: fleet list --status failed" in out.getvalue()
    assert Job.objects.latest("created_at").error_message == "3 of 4 databases failed."
    assert "3 of 4 databases failed; the first" in out.getvalue()


def test_what_a_batch_came_to_is_counted_in_databases_in_the_log(fleet: Fleet) -> None:
    for _ in range(2):
        add_database(fleet, version=1)
    fleet_command("scan")
    assert ": 2 planned, 0 need nothing, 0 cannot be changed\n" in fleet_command("plan")
    assert ": 2 changed, 0 unchanged\n" in fleet_command("repair")


def test_a_scan_that_some_parts_failed_of_says_so(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        add_database(fleet)
    monkeypatch.setattr(start, "FILES_OF_READ_PART", 1)
    job = start.start_scan(fleet, requested_by="test", wake_workers=False).job
    claimed = claim(job.items.get(position=0).pk, worker="test")
    assert claimed
    finish(claimed, Status.FAILED, code="unreadable", message="The disk is gone.")
    with pytest.raises(CommandError, match="1 of 2 parts of the fleet were not scanned; the first: The disk"):
        fleet_command("scan")


def test_the_progress_line_says_what_is_done_by_the_verb(fleet: Fleet) -> None:
    old, _ = add_database(fleet, version=1), corrupt(fleet)

    def line_after(*arguments: str) -> str:
        fleet_command(*arguments)
        return read(Job.objects.latest("created_at")).outcome

    assert line_after("scan") == "2 new, 0 read again"
    assert line_after("migrate", "--to", "2", old) == "1 migrated, 0 failed"
    assert line_after("plan") == "1 planned, 0 need nothing, 0 failed"
    assert line_after("repair") == "1 repaired, 0 failed"
    assert line_after("rollback", old, as_json("snapshots", old)[0]["id"]) == "1 rolled back, 0 failed"
    assert line_after("salvage") == "1 salvaged, 0 failed"


def test_the_progress_line_says_how_many_databases_are_waited_for(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    wish = Wish(fleet.name, What.REPAIR, Selection())
    job = start_change(fleet, wish, requested_by="test", wake_workers=False).job
    with closing(sqlite3.connect(fleet.path_of(old), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        run(job)
    assert read(job).name == "Locked by other processes: 1 database."


def test_a_plan_that_some_databases_would_fail_at_is_exit_code_1(fleet: Fleet) -> None:
    add_database(fleet, version=1)
    bad = add_database(fleet, version=1)
    fleet_command("scan")
    assert as_json("plan")["result"]["planned"] == 2
    fleet.path_of(bad).write_bytes(b"no database" * 1000)
    with pytest.raises(CommandError, match="1 database cannot be changed as they are") as error:
        fleet_command("plan")
    assert error.value.returncode == 1


def test_a_plan_that_is_blocked_is_exit_code_1(fleet: Fleet) -> None:
    path = redefine(fleet.path_of(add_database(fleet, rows=3)), "chapters", " CHECK (start_ms >= 0)", "")
    fleet_command("scan")
    assert as_json("plan")["result"]["planned"] == 1
    execute(path, "UPDATE chapters SET start_ms = -1")
    assert exit_code("plan") == 1


def test_what_is_blocked_is_not_printed_as_planned(fleet: Fleet) -> None:
    add_database(fleet, version=1)
    execute(fleet.path_of(add_database(fleet, version=1)), "UPDATE tracks SET lang = 'same', auto = 1")
    fleet_command("scan")
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 database cannot be changed as they are"):
        call_command("fleet", "plan", stdout=out)
    assert "1 of them blocked" in " ".join(out.getvalue().split())
    assert [cell.strip() for cell in out.getvalue().splitlines()[-2].strip("│").split("│")] == ["1", "1", "0", "0"]


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


def test_names_that_look_like_markup_are_printed_as_they_are(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    execute(fleet.path_of(database_id), 'CREATE TABLE "[/b] :x:" (a)', 'INSERT INTO "[/b] :x:" VALUES (1)')
    fleet_command("scan")
    assert "[/b] :x:" in fleet_command("inspect", database_id)
    assert "[/b] :x:: 1 row" in fleet_command("plan", "--allow-destructive", database_id)


def test_bad_input_is_exit_code_2(fleet: Fleet) -> None:
    known = add_database(fleet)
    wrong = [
        ("status", "--fleet", "nobody's"), ("repair", "../x"), ("repair", "nothing"), ("inspect", "../../etc/passwd"),
        ("migrate",), ("migrate", "--to", "99"), ("diff", known, "--to", "0"), ("scan", "nothing"),
        ("rollback", "x", "y"), ("list", "--list", "x"), ("list", "--limit", "-1"), ("snapshots", "../x"),
    ]  # fmt: skip
    for arguments in wrong:
        assert (arguments, exit_code(*arguments)) == (arguments, 2)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("inspect", "nothing"), ("diff", "nothing"), ("diff", "{known}", "--against", "nothing"),
        ("rehearse", "nothing"), ("snapshots", "nothing"), ("rollback", "nothing", "x"), ("scan", "nothing"),
        ("plan", "nothing"), ("repair", "nothing"), ("migrate", "nothing", "--to", "2"), ("salvage", "nothing"),
    ],
)  # fmt: skip
def test_an_id_of_which_there_is_nothing_is_bad_input(fleet: Fleet, arguments: tuple[str, ...]) -> None:
    known = add_database(fleet)
    with pytest.raises(CommandError, match="The fleet has no nothing") as error:
        fleet_command(*(word.format(known=known) for word in arguments))
    assert error.value.returncode == 2


def test_the_snapshots_of_a_file_that_is_gone_are_listed(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    fleet_command("repair")
    shutil.rmtree(fleet.path_of(old).parent)
    DatabaseRecord.objects.all().delete()
    assert len(as_json("snapshots", old)) == 1


def test_a_file_that_is_gone_and_has_a_row_cannot_be_read(fleet: Fleet) -> None:
    gone = add_database(fleet)
    fleet_command("scan")
    shutil.rmtree(fleet.path_of(gone).parent)
    for arguments in (("inspect", gone), ("diff", gone), ("rehearse", gone)):
        assert (arguments, exit_code(*arguments)) == (arguments, 1)
    assert as_json("snapshots", gone) == []


def test_a_file_that_was_not_scanned_yet_is_known(fleet: Fleet) -> None:
    new = add_database(fleet)
    assert as_json("inspect", new)["status"] == "current"
    assert as_json("diff", new)["differences"] == []
    assert as_json("rehearse", new)["failure"] == ""


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_ctrl_c_is_exit_code_130_and_keeps_what_was_done(fleet: Fleet, options: list[str]) -> None:
    ids = [add_database(fleet) for _ in range(3)]
    environment = process_environment(NISAM_CAPTIONS_ROOT=str(fleet.root), REDIS_URL="")
    command = [sys.executable, "manage.py", "fleet"]
    for one in ids:  # as the first version of the built-in fleet, which a process of its own has
        fleet.path_of(one).unlink()
        sql = (ROOT / "videos" / "captions" / "schema" / "v1.sql").read_text()
        with closing(sqlite3.connect(fleet.path_of(one))) as connection:
            connection.executescript(sql)
    subprocess.run([*command, "scan"], cwd=ROOT, env=environment, check=True, capture_output=True)
    with closing(sqlite3.connect(fleet.path_of(ids[2]), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")  # the command waits for the last one, and again
        repair = [*command, "repair", *options]
        with subprocess.Popen(
            repair, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            until(lambda: DatabaseChange.objects.filter(outcome=Outcome.CHANGED).count() == 2)
            os.kill(process.pid, signal.SIGINT)
            out, words = process.communicate(timeout=20)
    assert (process.returncode, b"what was done so far is kept" in words) == (130, True)
    if options:
        assert json.loads(out)["status"] == "cancelled"
    assert Job.objects.latest("created_at").status == Status.CANCELLED
    assert DatabaseRecord.objects.filter(status="current").count() == 2


def test_ctrl_c_without_a_job_is_exit_code_130_in_words(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_fleet: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(status, "status_of", interrupted)
    with pytest.raises(CommandError, match="Interrupted") as error:
        fleet_command("status")
    assert error.value.returncode == 130


def test_a_plan_that_loses_something_says_how_to_agree_to_it(fleet: Fleet, lossy: str) -> None:
    shown = fleet_command("migrate", lossy, "--to", "2", "--dry-run", "--allow-destructive")
    agreeing = re.search(r"Agree to what would be lost: fleet (migrate .+ --consent \w+)", " ".join(shown.split()))
    assert agreeing
    fleet_command(*agreeing[1].split())
    assert (record(lossy).version, "extra" in record(lossy).tables) == (2, False)


def test_an_extra_table_stays_without_consent(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=2)
    execute(fleet.path_of(database_id), "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    fleet_command("scan")
    fleet_command("repair")
    assert content(fleet.path_of(database_id), "SELECT * FROM extra") == [(1,)]
    fleet_command("plan", "--allow-destructive", database_id)
    fleet_command("repair", "--allow-destructive", database_id)
    assert content(fleet.path_of(database_id), "SELECT name FROM sqlite_schema WHERE name = 'extra'") == []
