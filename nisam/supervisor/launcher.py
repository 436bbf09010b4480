"""Turns itself into one of nisam's programs, after telling the kernel to kill that program when the supervisor dies.

`launcher.py PARENT_PID -- command…`. A program of its own instead of a preexec_fn, which is unsafe with threads. It is
run by its path: as a module it would import Celery first, for nothing.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, _separator: str, *command: str) -> None:
    """Become `command`, unless the parent has gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # A parent that died before the call above sends no signal any more.
    if os.getppid() != int(parent):
        sys.exit("The supervisor has gone.")
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
