"""SIGKILL at random moments of a first scan: the attempts together find each file once."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dbadmin.fleets import Fleet, get_fleet
from dbadmin.models import DatabaseRecord
from dbadmin.scan import start as start_of_scan
from dbadmin.scan.start import start_scan
from nisam.jobs.models import Status
from tests.dbadmin.files import make_from
from tests.dbadmin.fleets import add_copies
from tests.processes import ROOT, process_environment

pytestmark = pytest.mark.django_db(transaction=True)
FILES = 300


@pytest.fixture
def captions(settings: Any, tmp_path: Path) -> Fleet:
    """The built-in fleet, of files that have no row yet, in a folder of the test's own."""
    settings.FLEETS = {"captions": {**settings.FLEETS["captions"], "root": tmp_path / "databases"}}
    fleet = get_fleet("captions")
    add_copies(fleet, make_from(tmp_path / "template.db", fleet.registry.sql(1)), FILES)
    return fleet


def test_a_first_scan_that_is_killed_at_random_finds_each_file_once(
    captions: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_of_scan, "FILES_AT_ONCE", FILES // 3)
    job = start_scan(captions, requested_by="test", wake_workers=False).job
    command = [sys.executable, "-m", "tests.dbadmin.killed_scan", str(job.items.get().pk)]
    environment = process_environment(NISAM_CAPTIONS_ROOT=str(captions.root))
    kills = subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True).stdout
    assert int(kills) > 0
    job.refresh_from_db()
    assert (job.status, job.items.get().done) == (Status.COMPLETED, FILES)
    assert (job.found, job.added, job.updated, job.skipped) == (FILES, FILES, 0, 0)
    rows = DatabaseRecord.objects.values_list("database_id", "missing_since")
    assert sorted(rows) == sorted((path.parent.name, None) for path in captions.root.glob("*/*/captions.db"))
