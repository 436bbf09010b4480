"""python -m benchmarks.writer: a process that changes the version of the videos, as a scrape does with each page.

It says `ready`. A line `once` makes one commit, acknowledged by `done`; a line `on` one every two milliseconds until
the line `off`, acknowledged in the same way. With `done` it says how many it has made so far. It does not wait for the
disk, which may be slower than that; what others see of its commits is the same.
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
            env={**os.environ, **variables, "PGOPTIONS": "-c synchronous_commit=off"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.commits = 0
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
        self.commits = int(self._expect("done"))

    def _expect(self, word: str) -> str:
        assert self._process.stdout
        said, _, rest = str(self._process.stdout.readline()).strip().partition(" ")
        if said != word:
            raise RuntimeError(f"The benchmark's writer ended: {self._process.wait()}")
        return rest


@contextmanager
def writer(variables: Mapping[str, str]) -> Iterator[Writer]:
    """Such a process with that environment beside ours, ended with the block."""
    started = Writer(variables)
    try:
        yield started
    finally:
        started.close()


class _Commits:
    """The process's side."""

    def __init__(self) -> None:
        self.made = 0
        self._off, self._thread = threading.Event(), threading.Thread()

    def obey(self, word: str) -> None:
        """Do what a line says."""
        if word == "once":
            self._commit()
        elif word == "on":
            self._off.clear()
            self._thread = threading.Thread(target=self._commit_on)
            self._thread.start()
        else:
            self._off.set()
            self._thread.join()

    def _commit_on(self) -> None:
        while not self._off.wait(PAUSE_SECONDS):
            self._commit()

    def _commit(self) -> None:
        from django.db import transaction  # noqa: PLC0415 - after django.setup()

        from nisam.freshness.models import Group  # noqa: PLC0415
        from nisam.freshness.touch import touch  # noqa: PLC0415

        with transaction.atomic():
            touch(Group.VIDEOS)
        self.made += 1


def main() -> None:
    """Obey each line of standard input."""
    import django  # noqa: PLC0415 - the parent needs none of it

    django.setup()
    commits = _Commits()
    print("ready", flush=True)
    for line in sys.stdin:
        commits.obey(line.strip())
        print(f"done {commits.made}", flush=True)


if __name__ == "__main__":
    main()
