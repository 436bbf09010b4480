"""One child of the supervisor: started in a session of its own, read from, stopped, started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

from nisam.supervisor import launcher
from nisam.supervisor.console import Lines
from nisam.supervisor.guard import kill_group

CHUNK = 65536
LONGEST_WAIT = 30
STEADY_AFTER = 60


class Child:
    """A program that is to run for as long as the supervisor does.

    Use it from the main thread alone: the kernel takes the end of the thread that started a child for the end of its
    parent.
    """

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], *, stop_seconds: float) -> None:
        self.name = name
        self.stop_seconds = stop_seconds
        self.restart_at: float | None = None
        self.up = False
        self._command = command
        self._environment = environment
        self._failures = 0

    def start(self) -> None:
        """Start it, for the first time or again."""
        self.restart_at = None
        self._started_at = time.monotonic()
        self._lines = Lines()
        launch = [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid()), "--"]
        self.output, write = os.pipe()
        os.set_blocking(self.output, False)
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            [*launch, *self._command],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=write,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        os.close(write)
        self.group = self._process.pid
        self.up = True

    @property
    def alive(self) -> bool:
        """Whether its process has not ended yet."""
        return self._process.poll() is None

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self._process.returncode
        if code < 0:
            return f"was ended by signal {-code} ({signal.strsignal(-code)})"
        return f"ended with exit code {code}"

    def read(self) -> list[str] | None:
        """The lines it has written since; None at the end of its output."""
        try:
            data = os.read(self.output, CHUNK)
        except BlockingIOError:
            return []
        return self._lines.feed(data) if data else None

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()

    def kill(self) -> None:
        """kill -9 of the child and everything it started."""
        kill_group(self.group)
        self._process.wait()

    def bury(self) -> list[str]:
        """After its end: kill what it left behind. Returns the rest of its output."""
        kill_group(self.group)
        rest = []
        with suppress(BlockingIOError):
            while data := os.read(self.output, CHUNK):
                rest += self._lines.feed(data)
        os.close(self.output)
        self.up = False
        return rest + self._lines.flush()

    def plan_restart(self) -> int:
        """Set when to start it again; returns the seconds until then: 1, 2, 4 … 30."""
        now = time.monotonic()
        if now - self._started_at >= STEADY_AFTER:
            self._failures = 0
        wait: int = min(2**self._failures, LONGEST_WAIT)
        self._failures += 1
        self.restart_at = now + wait
        return wait
