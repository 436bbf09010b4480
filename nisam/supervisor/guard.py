"""A small process that outlives the supervisor by a moment and kills whatever a killed supervisor leaves behind.

The kernel's signal on the parent's death (launcher.py) exists on Linux alone and reaches only the child itself. What
the child started is in the child's process group, and the guard kills that whole group. It is told the groups through
a pipe, whose end it sees however the supervisor ends.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress


class Guard:
    """The supervisor's side: says which groups there are."""

    def __init__(self) -> None:
        read, self._pipe = os.pipe()
        command = [sys.executable, "-I", "-S", __file__]
        self._process = subprocess.Popen(command, stdin=read, start_new_session=True)  # noqa: S603 - ours
        os.close(read)

    def watch(self, group: int) -> None:
        """Kill this process group when the supervisor has gone."""
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """The group has ended; its number may be used again by anybody."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """End the guard, and with it every group that it still watches."""
        os.close(self._pipe)
        self._process.wait()

    def _tell(self, line: str) -> None:
        # Without a guard (somebody killed it) the kernel's signal is still there: no reason to stop.
        with suppress(BrokenPipeError):
            os.write(self._pipe, line.encode())


def kill_group(group: int) -> None:
    """kill -9 of a whole process group, if there is one."""
    with suppress(ProcessLookupError, PermissionError):  # macOS answers the latter for a group of zombies
        os.killpg(group, signal.SIGKILL)


def main(lines: Iterable[str]) -> None:
    """The guard's side: listen until the supervisor's end of the pipe closes."""
    groups: set[int] = set()
    for line in lines:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    for group in groups:
        kill_group(group)


if __name__ == "__main__":
    main(sys.stdin)
