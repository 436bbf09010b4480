"""What is asked for wrongly, and what is not there: exit code 2, in words."""

import json
import shutil

import pytest
from django.core.management import CommandError, call_command, load_command_class

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord
from nisam.jobs.models import Job
from tests.dbadmin.console.command import as_json, exit_code, fleet_command
from tests.dbadmin.files import content
from tests.dbadmin.fleets import add_database, execute, record

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_ids_beside_a_filter_are_refused_in_words(fleet: Fleet) -> None:
    known = add_database(fleet)
    fleet_command("scan")
    with pytest.raises(CommandError, match="Name databases, or choose them by filters such as --status; not both"):
        fleet_command("repair", known, "--status", "outdated")


def test_consent_to_one_plan_is_refused_for_many_by_the_names_of_the_options(fleet: Fleet) -> None:
    with pytest.raises(CommandError, match="of several, --allow-destructive does"):
        fleet_command("repair", "--consent", "abc")


def test_migrating_asks_for_its_version(fleet: Fleet) -> None:
    with pytest.raises(CommandError, match="needs --to VERSION, 1 to 3"):
        fleet_command("migrate")


def test_bad_input_is_exit_code_2(fleet: Fleet) -> None:
    known = add_database(fleet)
    wrong = [
        ("status", "--fleet", "nobody's"), ("repair", "../x"), ("repair", "nothing"), ("inspect", "../../etc/passwd"),
        ("migrate",), ("migrate", "--to", "99"), ("diff", known, "--to", "0"), ("scan", "nothing"),
        ("rollback", "x", "y"), ("list", "--list", "x"), ("list", "--limit", "-1"), ("snapshots", "../x"),
        ("repair", known, "--status", "outdated"), ("plan", known, "--version-is", "0"),
        ("list", "--limit", "9" * 20), ("list", "--search", "\udcff"), ("list", "--list", "\udcff"),
        ("repair", "--search", "\udcff"), ("repair", "--plan", "\udcff"), ("repair", known, "--consent", "\udcff"),
        ("rollback", known, "\udcff"), ("status", "--fleet", "\udcff"), ("repair", "\udcff"),
        ("salvage", known, "--search", "a"), ("migrate", known, "--list", "x", "--to", "2"),
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


def test_what_is_asked_of_a_file_that_is_gone_is_told_since_when_and_where_its_snapshots_are(fleet: Fleet) -> None:
    never_changed, repaired = add_database(fleet), add_database(fleet, version=1)
    fleet_command("scan")
    fleet_command("repair")
    for one in (never_changed, repaired):
        shutil.rmtree(fleet.path_of(one).parent)
    fleet_command("scan")
    since = f"{record(repaired).missing_since:%Y-%m-%d}"
    said = rf"The file of {{}} is gone since {since}; scan the fleet if it is back\."
    with pytest.raises(CommandError, match=said.format(never_changed) + "$") as error:
        fleet_command("repair", never_changed)
    assert error.value.returncode == 2
    its_snapshots = f"Bring back one of its snapshots: fleet snapshots {repaired}$"
    with pytest.raises(CommandError, match=f"{said.format(repaired)} {its_snapshots}"):
        fleet_command("repair", repaired)
    with pytest.raises(CommandError, match=f"gone since {since}, and 1 more of those named are gone"):
        fleet_command("scan", never_changed, repaired)


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


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("inspect", "nothing"), "unknown_database"),
        (("migrate",), "bad_request"),
        (("list", "--limit", "-1"), "bad_request"),
        (("status", "--fleet", "x"), "unknown_fleet"),
    ],
)
def test_what_is_refused_is_said_in_json_too(
    fleet: Fleet, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: str
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("fleet", *arguments, "--json")
    assert refused.value.returncode == 2
    assert json.loads(capsys.readouterr().out) == {"error": str(refused.value), "code": code}
