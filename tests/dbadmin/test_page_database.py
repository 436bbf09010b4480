"""The page of one database: how it is, what was done to it, and what it offers."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, Outcome, What
from tests.dbadmin.changes import change_job, lose_first_page
from tests.dbadmin.files import lose_pages_of
from tests.dbadmin.fleets import add_database, execute, record, run, scan
from tests.dbadmin.pages import BASE, newest_job, page, repair, send

pytestmark = pytest.mark.django_db


def test_one_database_tells_its_findings_its_history_and_its_snapshots(fleet: Fleet, admin_client: Client) -> None:
    old = add_database(fleet, version=1)
    scan(fleet)
    send(admin_client, "change/", **repair(old))
    run(newest_job())
    shown = page(admin_client, f"database/{old}/")
    assert "3 of 3" in shown
    assert "1 to 3" in shown
    snapshot = DatabaseChange.objects.get().snapshot
    confirm = page(admin_client, f"database/{old}/rollback/", snapshot=snapshot)
    assert f'name="snapshot" value="{snapshot}"' in confirm
    send(admin_client, "change/", **repair(old, what="rollback", snapshot=snapshot))
    run(newest_job())
    assert record(old).version == 1
    assert admin_client.get(f"{BASE}database/{old}/rollback/", {"snapshot": "../x"}).status_code == 404
    assert admin_client.get(f"{BASE}database/nothing/").status_code == 404


def test_the_history_tells_what_was_lost_from_what_would_be(fleet: Fleet, lossy: str, admin_client: Client) -> None:
    path = fleet.path_of(lossy)
    execute(path, "ALTER TABLE chapters ADD COLUMN note", "UPDATE chapters SET note = 'mine' WHERE id < 3")
    for is_dry_run in (True, False):
        run(change_job(fleet, What.REPAIR, lossy, dry_run=is_dry_run, allow_destructive=True))
    shown = re.sub("<[^>]+>", "", page(admin_client, f"database/{lossy}/"))
    assert re.findall(r"(\S+): (\d (?:row|value).* lost)", shown) == [
        ("chapters.note", "2 values lost"),
        ("extra", "1 row lost"),
        ("chapters.note", "2 values would be lost"),
        ("extra", "1 row would be lost"),
    ]


def test_of_a_file_that_is_gone_it_is_not_said_that_nothing_is_wrong(fleet: Fleet, admin_client: Client) -> None:
    gone = add_database(fleet)
    scan(fleet)
    assert "Nothing was found to be wrong" in page(admin_client, f"database/{gone}/")
    fleet.path_of(gone).unlink()
    scan(fleet)
    assert "Nothing was found to be wrong" not in page(admin_client, f"database/{gone}/")


def salvaged(fleet: Fleet, damage: Callable[[Path], object]) -> str:
    """A database that was damaged and salvaged; its id."""
    database_id = add_database(fleet)
    damage(fleet.path_of(database_id))
    scan(fleet, deep=True)
    run(change_job(fleet, What.SALVAGE, database_id))
    return database_id


def test_a_salvage_that_lost_something_is_told_until_the_database_is_changed_again(
    fleet: Fleet, admin_client: Client
) -> None:
    words = "The last salvage could not recover everything"
    database_id = salvaged(fleet, lambda path: lose_pages_of(path, "chapters"))
    run(change_job(fleet, What.REPAIR, database_id))
    assert words in page(admin_client, f"database/{database_id}/")
    execute(fleet.path_of(database_id), "DROP TABLE chapters")
    run(change_job(fleet, What.REPAIR, database_id))
    assert words not in page(admin_client, f"database/{database_id}/")


def test_a_salvage_that_lost_nothing_is_not_told_to_have(fleet: Fleet, admin_client: Client) -> None:
    database_id = salvaged(fleet, lose_first_page)
    assert DatabaseChange.objects.get().outcome == Outcome.CHANGED
    assert "could not recover everything" not in page(admin_client, f"database/{database_id}/")


@pytest.mark.parametrize(
    "told",
    [
        {"tables": {"captions": {"recovered": 1, "rejected": 1, "uncertain": 0}}},
        {"tables": {"captions": {"recovered": 1, "rejected": 0, "uncertain": 1}}},
        {"unreadable": 1},
        {"incomplete": ["captions"]},
    ],
)
def test_whatever_a_salvage_lost_is_told(fleet: Fleet, admin_client: Client, told: dict[str, Any]) -> None:
    database_id = salvaged(fleet, lose_first_page)
    change = DatabaseChange.objects.get()
    change.report |= told
    change.save()
    assert "could not recover everything" in page(admin_client, f"database/{database_id}/")


def test_of_an_unknown_version_no_change_is_offered_and_why(fleet: Fleet, admin_client: Client) -> None:
    unknown, known = (add_database(fleet, version=1) for _ in range(2))
    scan(fleet)
    run(change_job(fleet))
    execute(fleet.path_of(unknown), "UPDATE database_metadata SET schema_version = 99")
    scan(fleet)
    shown = page(admin_client, f"database/{unknown}/")
    assert "so it is never modified" in shown
    assert "Read anew" in shown
    for change in ('value="repair"', 'value="migrate"', "Roll back"):
        assert change not in shown
        assert change in page(admin_client, f"database/{known}/")


def test_of_a_salvaged_database_without_snapshots_it_is_said_where_the_original_is(
    fleet: Fleet, admin_client: Client
) -> None:
    database_id = salvaged(fleet, lose_first_page)
    shown = page(admin_client, f"database/{database_id}/")
    assert "before each change" not in shown
    assert "a salvage keeps the original in quarantine instead" in shown


def test_several_losses_in_the_history_are_told_apart(fleet: Fleet, lossy: str, admin_client: Client) -> None:
    execute(fleet.path_of(lossy), "CREATE TABLE other (x)", "INSERT INTO other VALUES (1)")
    send(admin_client, "change/", **repair(lossy, dry_run="on", allow_destructive="on"))
    run(newest_job())
    shown = re.sub("</?bdi>", "", page(admin_client, f"database/{lossy}/"))
    said = re.findall(r'<li class="health-bad">\s*(.+?)\s*</li>', shown)
    assert said == ["extra: 1 row would be lost", "other: 1 row would be lost"]


def test_the_snapshot_of_a_file_that_is_gone_is_brought_back_from_its_page(fleet: Fleet, admin_client: Client) -> None:
    old = add_database(fleet, version=1)
    scan(fleet)
    send(admin_client, "change/", **repair(old))
    run(newest_job())
    fleet.path_of(old).unlink()
    scan(fleet)
    assert "A snapshot can be brought back below" in page(admin_client, f"database/{old}/")
    snapshot = DatabaseChange.objects.get().snapshot
    assert "Its file is gone" in page(admin_client, f"database/{old}/rollback/", snapshot=snapshot)
    send(admin_client, "change/", **repair(old, what="rollback", snapshot=snapshot))
    run(newest_job())
    assert (record(old).version, record(old).missing_since) == (1, None)
