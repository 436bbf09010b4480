"""The loop that keeps every process of nisam running, and ends them in order."""

import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from django.core.management import CommandError

from nisam.supervisor.console import Console
from nisam.supervisor.guard import Guard
from nisam.supervisor.processes import Child


class Supervisor:
    """Starts children, passes on what they write, restarts those that die, stops all in reverse order.

    One thread and one selector: output, the end of a child and a signal all wake it up.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._preparing = True
        self._stopping = False
        self._hurried = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """However the body ends, every child ends with it. Ctrl-C, SIGTERM and SIGHUP end it without an error."""
        self._guard = Guard()
        self._catch_signals()
        try:
            yield
        except KeyboardInterrupt:
            pass
        finally:
            self._stop()
            self._guard.close()

    def start(self, child: Child) -> None:
        """Start a child; it ends with the supervisor, and `watch` keeps it running."""
        self._children.append(child)
        self._launch(child)

    def wait_for(self, child: Child, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready` is true; raises CommandError when the child ends first or that takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            self._turn(0.05)
            if not child.up:
                raise CommandError(f"{child.name} {child.ending} at its start; what it said is above.")
            if time.monotonic() > deadline:
                raise CommandError(f"{child.name} does not answer after {seconds:g} s.")

    def watch(self) -> None:
        """Keep the children running until a signal says stop, or until nobody reads the console any more."""
        self._preparing = False
        while not self._stopping and not self._console.lost:
            planned = [child.restart_at for child in self._children if child.restart_at is not None]
            self._turn(max(0, min(planned) - time.monotonic()) if planned else None)
            for child in self._children:
                if child.restart_at is not None and child.restart_at <= time.monotonic():
                    self._launch(child)

    def _catch_signals(self) -> None:
        self._wakeup, write = os.pipe()
        for end in (self._wakeup, write):
            os.set_blocking(end, False)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup ignores SIGHUP, and means it.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._signalled)

    def _signalled(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGCHLD:
            return
        # Closing a terminal sends SIGHUP more than once: only Ctrl-C is a person in a hurry.
        self._hurried |= self._stopping and number == signal.SIGINT
        self._stopping = True
        if self._preparing:
            self._preparing = False
            raise KeyboardInterrupt

    def _launch(self, child: Child) -> None:
        child.start()
        self._guard.watch(child.group)
        self._selector.register(child.output, selectors.EVENT_READ, child)

    def _turn(self, seconds: float | None) -> None:
        """Wait until something happens, `seconds` at most, and deal with it."""
        for key, _ in self._selector.select(seconds):
            if key.fd == self._wakeup:
                os.read(self._wakeup, 4096)
            elif (lines := key.data.read()) is not None:
                self._show(key.data, lines)
            else:
                self._selector.unregister(key.fd)
        for child in self._children:
            if child.up and not child.alive:
                self._bury(child)
                if not (self._preparing or self._stopping):
                    self._console.say(f"{child.name} {child.ending}; starting it again in {child.plan_restart()} s.")

    def _bury(self, child: Child) -> None:
        if child.output in self._selector.get_map():
            self._selector.unregister(child.output)
        group = child.group
        self._show(child, child.bury())
        self._guard.forget(group)

    def _show(self, child: Child, lines: list[str]) -> None:
        for line in lines:
            self._console.line(child.name, line)

    def _stop(self) -> None:
        self._preparing, self._stopping = False, True
        for child in reversed(self._children):
            if child.up and not self._hurried:
                self._console.say(f"Stopping {child.name}.")
                self._stop_gently(child)
            if child.up:
                late = "" if self._hurried else f": it did not stop within {child.stop_seconds:g} s"
                self._console.say(f"Killing {child.name}{late}.")
                child.kill()
                self._bury(child)
        self._console.say("Everything has stopped.")

    def _stop_gently(self, child: Child) -> None:
        child.terminate()
        deadline = time.monotonic() + child.stop_seconds
        while child.up and not self._hurried and (left := deadline - time.monotonic()) > 0:
            self._turn(left)
