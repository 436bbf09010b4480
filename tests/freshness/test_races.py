"""Nobody is shown what is older than a commit that was acknowledged before they asked."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from nisam.supervisor.valkey import configure
from tests.builders import make_channel, make_entry
from tests.freshness.asking import ask
from tests.freshness.racing import Board, shown, title_of
from tests.processes import ROOT, process_environment, start_redis, start_web
from videos.ingest import ingest

Process: TypeAlias = "subprocess.Popen[bytes]"

WRITERS = 4
WRITES = 520  # each
READERS = 4
READS = 5_100  # each


class Race:
    """Two web processes, writers and readers in processes of their own."""

    def __init__(self, path: Path, **variables: str) -> None:
        self.path = str(path)
        self._environment = process_environment(DJANGO_SETTINGS_MODULE="nisam.settings", **variables)
        Board.make(self.path, WRITERS)
        channel = make_channel()
        for writer in range(WRITERS):
            ingest(channel, [make_entry(f"writer{writer}", title=title_of(writer, 0))])

    def start(self, role: str, *arguments: object) -> Process:
        """A writer or a reader."""
        command = [sys.executable, "-m", "tests.freshness.racing", role, self.path, *map(str, arguments)]
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE)

    def finished(self, writers: list[Process], readers: list[Process]) -> list[bytes]:
        """What the readers have printed, when all are through."""
        printed = [process.communicate()[0] for process in (*readers, *writers)]
        assert {process.returncode for process in (*readers, *writers)} == {0}
        return printed[: len(readers)]

    def run(self, sites: list[str], *, writes: int, reads: int) -> dict[str, Any]:
        """Let all race; returns what the readers saw, added up."""
        writers = [self.start("write", writer, writes) for writer in range(WRITERS)]
        readers = [self.start("read", ",".join(sites), reads, seed) for seed in range(READERS)]
        seen = [json.loads(text) for text in self.finished(writers, readers)]
        states = sum((Counter(one["states"]) for one in seen), Counter[str]())
        return {"states": states, "stale": [late for one in seen for late in one["stale"]]}


@pytest.fixture
def two_sites(transactional_db: None) -> Iterator[list[str]]:
    with start_web() as one, start_web() as other:
        yield [one, other]


def test_no_answer_is_older_than_a_commit_that_was_acknowledged_before_it_was_asked_for(
    two_sites: list[str], tmp_path: Path
) -> None:
    race = Race(tmp_path / "board")
    seen = race.run(two_sites, writes=WRITES, reads=READS)
    assert seen["stale"] == []
    assert seen["states"]["HIT"] > 0
    assert seen["states"]["MISS"] > WRITERS
    assert seen["states"].total() == READERS * READS


def test_the_race_finds_what_is_stale_when_versions_are_not_changed(two_sites: list[str], tmp_path: Path) -> None:
    race = Race(tmp_path / "board")
    for site in two_sites:
        ask(site)
    race.finished([race.start("write-unversioned", 0, 20)], [])
    (seen,) = race.finished([], [race.start("read", ",".join(two_sites), 50, 0)])
    assert json.loads(seen)["stale"]


def test_no_answer_is_stale_while_redis_comes_and_goes(transactional_db: None, tmp_path: Path) -> None:
    server = configure(tmp_path / "valkey")
    race = Race(tmp_path / "board", REDIS_URL=server.url)
    with ExitStack() as stack:
        running = stack.enter_context(ExitStack())
        running.enter_context(start_redis(server))
        sites = [stack.enter_context(start_web(REDIS_URL=server.url)) for _ in range(2)]
        writers = [race.start("write", writer, 250) for writer in range(WRITERS)]
        readers = [race.start("read", ",".join(sites), 1500, seed) for seed in range(READERS)]
        for _ in range(3):
            time.sleep(0.7)  # an outage is a matter of time
            running.close()
            time.sleep(0.7)
            running.enter_context(start_redis(server))
        seen = [json.loads(text) for text in race.finished(writers, readers)]
    assert [one["stale"] for one in seen] == [[]] * READERS
    assert sum(one["states"].get("BYPASS", 0) for one in seen) > 0
    assert sum(one["states"].get("HIT", 0) for one in seen) > 0


def test_what_a_writer_committed_is_shown_when_it_is_killed_right_after_its_commit(
    two_sites: list[str], tmp_path: Path
) -> None:
    race = Race(tmp_path / "board")
    for number in range(1, 8):
        for site in two_sites:
            ask(site)
        writer = race.start("die", 0, number)
        writer.communicate()
        assert writer.returncode == -signal.SIGKILL
        assert [shown(ask(site).text)[0] for site in two_sites] == [number, number]
