"""A process that is told to stop while it writes its sign of life."""

import subprocess
import sys

import pytest

from tests.processes import ROOT, process_environment

STOPPED_WHILE_IT_WRITES = """
import signal, threading, time
import django
django.setup()
from django.db import connection, transaction
from nisam.presence.models import Process
from nisam.presence.signs import Signs

signs, held = Signs(Process.Kind.BEAT), threading.Event()
signs.begin()

def hold():
    with transaction.atomic():
        Process.objects.update(children=1)
        held.set()
        time.sleep(1)
    connection.close()

holder = threading.Thread(target=hold)
holder.start()
held.wait()
signal.signal(signal.SIGALRM, lambda *_: signs.end())
signal.setitimer(signal.ITIMER_REAL, 0.3)
signs._write()
holder.join()
"""


@pytest.mark.django_db(transaction=True)
def test_who_is_told_to_stop_in_the_middle_of_a_sign_stops() -> None:
    script = [sys.executable, "-c", STOPPED_WHILE_IT_WRITES]
    environment = process_environment(DJANGO_SETTINGS_MODULE="nisam.settings")
    done = subprocess.run(script, env=environment, cwd=ROOT, timeout=20, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
