"""Run as a program: salvages a file and is killed at the n-th step, for every n until it comes through.

    python -m tests.dbadmin.salvage.killed_salvage FOLDER

FOLDER has the original in `original`. Each try is made in a copy named after its n, which stays as the kill left it.
The last one was not killed. A step is a call that changes a file or a folder, before it is made.
"""

import functools
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbadmin.salvage.salvage import salvage
from tests.dbadmin.files import registry

_STEPS = ("fsync", "pwrite", "ftruncate", "rename", "replace", "unlink", "mkdir", "rmdir", "fchmod", "chown")
# A kill takes nothing from the system's memory, and a disk that is waited for takes most of the test's time.
_REPLACED: dict[str, Callable[[int], None]] = {"fsync": lambda _descriptor: None}
# Of those that open a file for writing; SQLite's own writing goes to files that are not in place yet.
_EVENTS = ("open", "sqlite3.connect")


class Countdown:
    """Kills the process at the n-th step."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def step(self) -> None:
        """One step nearer."""
        self.steps -= 1
        if self.steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, with a step before it."""

        @functools.wraps(call)
        def counted(*arguments: Any, **options: Any) -> Any:
            self.step()
            return call(*arguments, **options)

        return counted

    def listen(self, event: str, *_: object) -> None:
        """An audit hook: a step for what opens or connects."""
        if event in _EVENTS:
            self.step()

    def install(self) -> None:
        """Count from now on."""
        for name in _STEPS:
            setattr(os, name, self.before(_REPLACED.get(name, getattr(os, name))))
        sys.addaudithook(self.listen)


def _try(folder: Path, number: int) -> bool:
    """Salvage a copy in a child; whether it was killed."""
    copy = folder / str(number)
    shutil.copytree(folder / "original", copy)
    child = os.fork()
    if child == 0:
        Countdown(number).install()
        salvage(next(copy.glob("*/*/*.db")), registry(), copy / ".quarantine")
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(folder: Path) -> None:
    """Try with every number of steps."""
    registry()
    number = 1
    while _try(folder, number):
        number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
