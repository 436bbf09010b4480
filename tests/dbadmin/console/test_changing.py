"""Changes at a terminal: what they print, and their exit codes."""

import io
import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from rich.console import Console

from dbadmin.batch.start import BeingChangedError, start_change
from dbadmin.batch.wish import Wish
from dbadmin.console import changing, salvaged
from dbadmin.console.progress import read
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, What
from dbadmin.selection import Selection
from nisam.jobs.models import Job
from tests.dbadmin.console.command import as_json, exit_code, fleet_command
from tests.dbadmin.files import content, redefine
from tests.dbadmin.fleets import add_database, execute, record, run

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_it_is_done_here_with_a_broker_and_without_a_terminal_too(fleet: Fleet, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    old = add_database(fleet, version=1)
    fleet_command("scan")
    assert "1 database, version 1 to 3" in fleet_command("plan", old)
    fleet_command("repair", old)
    assert record(old).version == 3


def test_what_is_left_to_the_workers_is_not_done_here(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    assert "is left to the workers" in fleet_command("repair", old, "--enqueue")
    assert record(old).version == 1


def test_what_does_something_else_already_is_not_followed(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    fleet_command("migrate", old, "--to", "2", "--enqueue")
    job = Job.objects.latest("created_at")
    said = rf"It is being changed already, by job {job.pk} \(migrate to version 2\): wait for its end, or cancel it\."
    for other in (("repair", old), ("migrate", old, "--to", "1"), ("migrate", old, "--to", "2", "--dry-run")):
        with pytest.raises(CommandError, match=said) as error:
            fleet_command(*other)
        assert error.value.returncode == 1
    assert f"Job {job.pk} does that already" in fleet_command("migrate", old, "--to", "2")
    assert record(old).version == 2


def test_a_dry_run_under_way_is_not_taken_for_the_repair(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    fleet_command("plan", old, "--enqueue")
    with pytest.raises(CommandError, match=r"\(repair, dry run\)"):
        fleet_command("repair", old)


def test_of_two_different_wishes_at_once_one_is_done_and_the_other_refused(fleet: Fleet) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    barrier = threading.Barrier(8)

    def ask(version: int) -> str:
        wish = Wish(fleet.name, What.MIGRATE, Selection(ids=(old,)), to_version=version)
        barrier.wait()
        try:
            return f"{version} {start_change(fleet, wish, requested_by='test', wake_workers=False).job.pk}"
        except BeingChangedError as error:
            return str(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, [2, 3] * 4))
    job = Job.objects.get(type="database_migrate")
    version = job.options["to_version"]
    refused = [answer for answer in answers if f"already, by job {job.pk} (migrate to version {version})" in answer]
    assert (answers.count(f"{version} {job.pk}"), len(refused)) == (4, 4)


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
    with pytest.raises(CommandError, match="would fail for 1 database") as error:
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
    with pytest.raises(CommandError, match="would fail for 1 database"):
        call_command("fleet", "plan", stdout=out)
    assert "1 of them blocked" in " ".join(out.getvalue().split())
    assert [cell.strip() for cell in out.getvalue().splitlines()[-2].strip("│").split("│")] == ["1", "1", "0", "0"]


def test_a_plan_of_many_names_what_is_blocked_and_what_would_lose_something(fleet: Fleet, lossy: str) -> None:
    blocked = add_database(fleet, version=1)
    execute(fleet.path_of(blocked), "UPDATE tracks SET lang = 'same', auto = 1")
    fleet_command("scan")
    out = io.StringIO()
    with pytest.raises(CommandError, match="would fail for 1 database"):
        call_command("fleet", "plan", "--allow-destructive", stdout=out)
    named = dict(re.findall(r"([0-9a-f-]{36}) +│ +(\S+)", out.getvalue()))
    assert named[lossy] == "extra:"
    assert set(named) == {lossy, blocked}
    assert named[blocked] != "extra:"


def test_of_many_that_are_blocked_the_first_are_printed_and_the_rest_is_counted(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "NAMED", 1)
    bad = [add_database(fleet, version=1) for _ in range(3)]
    for one in bad:
        execute(fleet.path_of(one), "UPDATE tracks SET lang = 'same', auto = 1")
    fleet_command("scan")
    out = io.StringIO()
    with pytest.raises(CommandError, match="would fail for 3 databases"):
        call_command("fleet", "plan", stdout=out)
    assert [one in out.getvalue() for one in bad] == [True, False, False]
    assert "and 2 more: fleet plan ID" in out.getvalue()


def test_the_databases_of_a_plan_are_chosen_by_the_beginning_of_its_hash(fleet: Fleet, lossy: str) -> None:
    old = add_database(fleet, version=1)
    fleet_command("scan")
    shown = fleet_command("plan", "--search", old)
    [plan] = re.findall(r"\(([0-9a-f]{12})\)", shown)
    assert [one["id"] for one in as_json("list", "--plan", plan)] == [old]
    fleet_command("plan", "--search", lossy, "--allow-destructive")
    with pytest.raises(CommandError, match="No database's latest plan has a hash that begins with 'no'"):
        fleet_command("list", "--plan", "no")


def test_a_plan_that_loses_something_says_how_to_agree_to_it(fleet: Fleet, lossy: str) -> None:
    shown = fleet_command("migrate", lossy, "--to", "2", "--dry-run", "--allow-destructive")
    agreeing = re.search(r"Agree to what would be lost: fleet (migrate .+ --consent \w+)", " ".join(shown.split()))
    assert agreeing
    fleet_command(*agreeing[1].split())
    assert (record(lossy).version, "extra" in record(lossy).tables) == (2, False)


def test_how_to_agree_is_said_by_the_verb_that_does_it(fleet: Fleet, lossy: str, settings: Any) -> None:
    def hint(*arguments: str) -> str:
        said = " ".join(fleet_command("plan", "--allow-destructive", *arguments).split())
        return re.search(r"(?<=Agree to what would be lost: )fleet .+?(?= [┏(]|$)", said)[0]  # type: ignore[index]

    assert hint() == "fleet repair --allow-destructive"
    assert hint("--to", "2") == "fleet migrate --to 2 --allow-destructive"
    assert hint("--search", lossy) == "fleet repair … --allow-destructive"
    settings.FLEETS = {**settings.FLEETS, "other": settings.FLEETS["captions"]}
    fleet_command("scan", "--fleet", "other")
    assert hint("--fleet", "other") == "fleet repair --allow-destructive --fleet other"
    assert re.fullmatch(rf"fleet repair {lossy} --consent \w+ --fleet other", hint("--fleet", "other", lossy))


def test_what_a_plan_of_many_to_a_version_showed_is_agreed_to_by_migrating(fleet: Fleet, lossy: str) -> None:
    fleet_command("plan", "--to", "2", "--allow-destructive")
    fleet_command("migrate", "--to", "2", "--allow-destructive")
    assert (record(lossy).version, "extra" in record(lossy).tables) == (2, False)


def test_a_dry_run_of_before_that_counted_no_blocked_databases_is_printed(fleet: Fleet) -> None:
    execute(fleet.path_of(add_database(fleet, version=1)), "UPDATE tracks SET lang = 'same', auto = 1")
    fleet_command("scan")
    assert exit_code("plan") == 1
    job = Job.objects.latest("created_at")
    for one in job.result["classes"].values():
        del one["blockedDatabases"]
    said = io.StringIO()
    Console(file=said, width=200).print(changing._plans(fleet, job))
    assert "1 of them blocked" in said.getvalue()


def test_an_extra_table_stays_without_consent(fleet: Fleet) -> None:
    database_id = add_database(fleet, version=2)
    execute(fleet.path_of(database_id), "CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)")
    fleet_command("scan")
    fleet_command("repair")
    assert content(fleet.path_of(database_id), "SELECT * FROM extra") == [(1,)]
    fleet_command("plan", "--allow-destructive", database_id)
    fleet_command("repair", "--allow-destructive", database_id)
    assert content(fleet.path_of(database_id), "SELECT name FROM sqlite_schema WHERE name = 'extra'") == []
