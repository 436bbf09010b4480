"""python -m benchmarks.writer: a process that changes the version of the videos, as a scrape does with each page.

It says `ready`. A line `once` makes one commit, acknowledged by `done`; a line `on` one every two milliseconds until
the line `off`, acknowledged in the same way.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAUSE_SECONDS = 0.002


class Writer:
    """The parent's side of the process."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._process: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.writer"],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._expect("ready")

    def commit(self) -> None:
        """Change the version once; the commit is acknowledged when this returns."""
        self._say("once")

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Change the version again and again while the block runs."""
        self._say("on")
        try:
            yield
        finally:
            self._say("off")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _say(self, word: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        self._expect("done")

    def _expect(self, word: str) -> None:
        assert self._process.stdout
        if self._process.stdout.readline().strip() != word:
            raise RuntimeError(f"The benchmark's writer ended: {self._process.wait()}")


@contextmanager
def writer(variables: Mapping[str, str]) -> Iterator[Writer]:
    """Such a process with that environment beside ours, ended with the block."""
    started = Writer(variables)
    try:
        yield started
    finally:
        started.close()


def _commit() -> None:
    from django.db import transaction  # noqa: PLC0415 - after django.setup()

    from nisam.freshness.models import Group  # noqa: PLC0415
    from nisam.freshness.touch import touch  # noqa: PLC0415

    with transaction.atomic():
        touch(Group.VIDEOS)


def _commit_until(off: threading.Event) -> None:
    while not off.wait(PAUSE_SECONDS):
        _commit()


def main() -> None:
    """The process's side."""
    import django  # noqa: PLC0415 - the parent needs none of it

    django.setup()
    off, thread = threading.Event(), threading.Thread()
    print("ready", flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "once":
            _commit()
        elif word == "on":
            off = threading.Event()
            thread = threading.Thread(target=_commit_until, args=(off,))
            thread.start()
        else:
            off.set()
            thread.join()
        print("done", flush=True)


if __name__ == "__main__":
    main()
