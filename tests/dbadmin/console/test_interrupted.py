"""Ctrl-C at a terminal."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.core.management import CommandError

from dbadmin.batch.start import start_change
from dbadmin.batch.wish import Wish
from dbadmin.console import status
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, DatabaseRecord, Outcome, What
from dbadmin.selection import Selection
from nisam.jobs.claim import claim
from nisam.jobs.finish import finish
from nisam.jobs.models import Job, Status
from tests.dbadmin.console.command import fleet_command
from tests.dbadmin.fleets import add_database
from tests.processes import ROOT, process_environment, until

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_ctrl_c_waits_for_what_a_worker_is_in_the_middle_of(fleet: Fleet) -> None:
    add_database(fleet, version=1)
    fleet_command("scan")
    wish = Wish(fleet.name, What.REPAIR, Selection())
    job = start_change(fleet, wish, requested_by="test", wake_workers=False).job
    claimed = claim(job.items.get().pk, worker="another")
    assert claimed
    environment = process_environment(NISAM_CAPTIONS_ROOT=str(fleet.root), REDIS_URL="")
    command = [sys.executable, "manage.py", "fleet", "repair"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline()  # of the job's log
        os.kill(process.pid, signal.SIGINT)
        until(lambda: Job.objects.filter(pk=job.pk, cancel_requested_at__isnull=False).exists())
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        finish(claimed, Status.CANCELLED)
        process.communicate(timeout=20)
    assert (process.returncode, Job.objects.get(pk=job.pk).status) == (130, Status.CANCELLED)


def test_ctrl_c_without_a_job_is_exit_code_130_in_words(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_fleet: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(status, "status_of", interrupted)
    with pytest.raises(CommandError, match="Interrupted") as error:
        fleet_command("status")
    assert error.value.returncode == 130
