"""Run as a program: works on an item of a scan in children that are killed at random, until one comes through.

    python -m tests.dbadmin.killed_scan ITEM

It says how many were killed. Files are kept in small batches, so that a kill falls between some and into others.
"""

import itertools
import os
import random
import signal
import sys
from threading import Timer

import django

django.setup()

from dbadmin.scan import job  # noqa: E402
from nisam.jobs.claim import hand_over  # noqa: E402
from nisam.jobs.runner import run_item  # noqa: E402

_BATCH = 20
_MOST_OPENED = 60
_MOST_SECONDS = 0.02
_WORKER = "killed"


def _is_killed(item: str) -> bool:
    """Work on the item in a child that kills itself some moments after it opened some files; whether it did."""
    child = os.fork()
    if child == 0:
        hand_over(_WORKER)
        _kill_later()
        run_item(item, worker=_WORKER)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, -signal.SIGKILL):
        sys.exit(f"The child has ended with {code}.")
    return code != 0


def _kill_later() -> None:
    opened, chosen = itertools.count(1), random.randint(1, _MOST_OPENED)

    def listen(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith("captions.db") and next(opened) == chosen:
            # Whatever the main thread is at then: waiting, writing or committing.
            Timer(random.random() * _MOST_SECONDS, os.kill, (os.getpid(), signal.SIGKILL)).start()

    sys.addaudithook(listen)


def main(item: str) -> None:
    """Until one comes through."""
    job.BATCH = _BATCH
    kills = 0
    while _is_killed(item):
        kills += 1
    sys.stdout.write(str(kills))


if __name__ == "__main__":
    main(sys.argv[1])
