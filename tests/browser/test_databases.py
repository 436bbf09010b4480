"""The databases' pages in a browser: scan, plan, repair and compare, while a real worker does it to real files."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from dbadmin.batch.start import start_change
from dbadmin.batch.wish import Wish
from dbadmin.fleets import Fleet, get_fleet
from dbadmin.models import DatabaseRecord, What
from dbadmin.selection import Selection
from tests.browser.conftest import logged_in
from tests.browser.test_automation import fits
from tests.dbadmin.fleets import run, scan
from tests.processes import start_web

pytestmark = pytest.mark.django_db(transaction=True)
IDS = [f"{number:02x}000000-0000-4000-8000-000000000000" for number in range(6)]


@pytest.fixture
def fleet(settings: Any, tmp_path: Path) -> Fleet:
    """Databases of the captions' own registry: one that lacks an index, one with a table of its own, the rest old."""
    root = tmp_path / "databases"
    settings.FLEETS = {"captions": {**settings.FLEETS["captions"], "root": root}}
    fleet = get_fleet("captions")
    for database_id in IDS:
        _make(fleet, database_id, version=3 if database_id in IDS[:2] else 1)
    _execute(fleet, IDS[0], "DROP INDEX cues_by_time")
    _execute(fleet, IDS[1], "CREATE TABLE notes (text)", "INSERT INTO notes VALUES ('mine')")
    return fleet


def _make(fleet: Fleet, database_id: str, *, version: int) -> None:
    fleet.path_of(database_id).parent.mkdir(parents=True)
    _execute(
        fleet,
        database_id,
        f"INSERT INTO database_metadata (id, schema_version, schema_checksum, created_at) "
        f"VALUES (1, {version}, '{fleet.registry.fingerprint(version)}', '2026-01-02T03:04:05.000Z')",
        script=fleet.registry.sql(version),
    )


def _execute(fleet: Fleet, database_id: str, *statements: str, script: str = "") -> None:
    with closing(sqlite3.connect(fleet.path_of(database_id), isolation_level=None)) as connection:
        connection.executescript(script)
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def databases(fleet: Fleet, browser: Browser, admin_user: User, worker: Callable[..., Any]) -> Iterator[Page]:
    """The fleet's first page, with a worker on its files."""
    worker(NISAM_CAPTIONS_ROOT=str(fleet.root))
    with (
        start_web(NISAM_CAPTIONS_ROOT=str(fleet.root)) as address,
        logged_in(browser, address, admin_user) as page,
    ):
        page.goto("/admin/")
        page.get_by_role("link", name="Databases: how the videos' databases are").click()
        yield page


def test_a_fleet_is_scanned_planned_for_and_repaired_with_consent(databases: Page, fleet: Fleet) -> None:
    databases.get_by_role("button", name="Scan now").press("Enter")
    expect(databases.get_by_text("6 databases were looked at: 6 new")).to_be_visible(timeout=20000)
    databases.get_by_role("link", name="How the fleet is now").click()
    expect(databases.get_by_text("5 of 6 databases need something.")).to_be_visible()
    assert fits(databases)

    databases.get_by_role("button", name="Repair all").press("Enter")
    expect(databases.get_by_role("heading", name="4 databases: version 1 to 3")).to_be_visible(timeout=20000)
    expect(databases.get_by_text("Nothing is lost.")).to_be_visible()
    databases.get_by_role("heading", name="4 databases").locator("..").get_by_text("The exact SQL").click()
    expect(databases.get_by_text("CREATE TABLE revisions")).to_be_visible()
    assert fits(databases)
    databases.get_by_role("button", name="Carry it out").press("Enter")
    expect(databases.get_by_text("5 changed, 1 needed nothing, 0 failed")).to_be_visible(timeout=20000)

    databases.goto("/admin/databases/captions/list/?flag=drifted")
    databases.get_by_label(f"Choose {IDS[1]}").press("Space")
    databases.get_by_label("plan to remove").press("Space")
    databases.get_by_role("button", name="Repair").press("Enter")
    expect(databases.get_by_text("notes: 1 row would be lost")).to_be_visible(timeout=20000)
    databases.get_by_label("I agree").press("Space")
    databases.get_by_role("button", name="Carry it out").press("Enter")
    expect(databases.get_by_text("1 changed, 0 needed nothing, 0 failed")).to_be_visible(timeout=20000)
    assert "notes" not in DatabaseRecord.objects.get(database_id=IDS[1]).tables


def test_two_databases_are_compared_side_by_side_and_nothing_is_wider_than_the_window(
    databases: Page, fleet: Fleet
) -> None:
    databases.get_by_role("button", name="Scan now").click()
    expect(databases.get_by_text("6 databases were looked at: 6 new")).to_be_visible(timeout=20000)
    assert fits(databases)
    databases.goto("/admin/databases/captions/list/?status=incomplete")
    assert fits(databases)
    databases.goto("/admin/databases/captions/list/?status=well")
    expect(databases.get_by_role("alert")).to_contain_text("This filter makes no sense.")
    assert fits(databases)
    databases.goto("/admin/databases/captions/list/?status=incomplete")
    databases.get_by_role("link", name=IDS[0]).click()
    expect(databases.get_by_text("The index 'cues_by_time' of 'cues' is missing.")).to_be_visible()
    assert fits(databases)
    databases.get_by_role("link", name="with its version").click()
    index = databases.get_by_role("table", name="index cues_by_time missing from this database")
    expect(index.get_by_role("row", name="missing here")).to_contain_text("ON cues")
    expect(databases.get_by_text("CREATE INDEX cues_by_time")).to_be_visible()
    assert fits(databases)
    databases.get_by_label("another database's id").fill(IDS[1])
    databases.keyboard.press("Enter")
    expect(databases.get_by_role("table", name="table notes missing from this database")).to_be_visible()
    assert fits(databases)


def test_what_was_salvaged_says_on_a_phone_what_each_number_is(
    fleet: Fleet, browser: Browser, admin_user: User
) -> None:
    path = fleet.path_of(IDS[0])
    path.write_bytes(bytes(4096) + path.read_bytes()[4096:])
    scan(fleet)
    wish = Wish(fleet.name, What.SALVAGE, Selection(ids=(IDS[0],)))
    run(start_change(fleet, wish, requested_by="test", wake_workers=False).job)
    with start_web(NISAM_CAPTIONS_ROOT=str(fleet.root)) as address, logged_in(browser, address, admin_user) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"/admin/databases/captions/database/{IDS[0]}/")
        row = page.get_by_role("rowheader", name="captions", exact=True).locator("..").locator("td")
        labels = row.evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').content)")
        assert [label.strip('" ') for label in labels] == ["recovered", "rejected", "uncertain"]
        hidden = "cell => cell.closest('.table-view').scrollWidth - cell.closest('.table-view').clientWidth"
        assert row.first.evaluate(hidden) == 0
        assert fits(page)


def test_why_a_change_failed_is_not_wider_than_a_phone(fleet: Fleet, browser: Browser, admin_user: User) -> None:
    _execute(fleet, IDS[0], "INSERT INTO revisions VALUES (1, '2026-01-02T03:04:05.000Z', 'then', '')")
    scan(fleet)
    wish = Wish(fleet.name, What.MIGRATE, Selection(ids=(IDS[0],)), to_version=1)
    job = run(start_change(fleet, wish, requested_by="test", wake_workers=False).job)
    with start_web(NISAM_CAPTIONS_ROOT=str(fleet.root)) as address, logged_in(browser, address, admin_user) as page:
        for path in (f"/admin/databases/captions/jobs/{job.pk}/", reverse("automation_job", args=[job.pk])):
            page.goto(path)
            expect(page.get_by_text("Agree to it by the plan's hash").first).to_be_visible()
            assert fits(page)
