"""The fleet and its databases at a terminal, as of the last scan."""

import pytest
from django.core.management import CommandError

from dbadmin.fleets import Fleet
from dbadmin.scan import start
from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import Status
from tests.dbadmin.console.command import as_json, fleet_command
from tests.dbadmin.fleets import add_database, execute

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_deep_scan_of_an_id_checks_it_thoroughly(fleet: Fleet) -> None:
    database_id = add_database(fleet)
    fleet_command("scan", "--deep")
    execute(fleet.path_of(database_id), "UPDATE chapters SET caption_id = 999")
    fleet_command("scan", "--deep", database_id)
    assert "fk_violations" in fleet_command("list")


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
