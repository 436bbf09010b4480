"""Processes of the races: writers that commit and readers that look whether they are shown what was committed.

What is raced about is a number for each writer, written into the title of a video of its own. A writer notes it in a
shared file as soon as its commit is acknowledged; a reader notes what the file says, asks, and must be shown no less.
Run as `python -m tests.freshness.racing write|read|die …`; a reader prints what it saw, as JSON.
"""

import http.client
import json
import mmap
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

PATHS = ("/api/videos", "/api/videos?limit=50", "/api/videos?sort=oldest", "/api/videos/carousels", "/")


class Board:
    """Numbers that processes share, one for each writer."""

    def __init__(self, path: str) -> None:
        with open(path, "r+b") as file:  # noqa: PTH123 - mmap wants the file
            self.numbers = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")

    @staticmethod
    def make(path: str, writers: int) -> None:
        """A new one, all zero."""
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(bytes(8 * writers))


def title_of(writer: int, number: int) -> str:
    """What a writer writes."""
    return f"writer{writer}={number};"


def shown(body: str) -> dict[int, int]:
    """The number of each writer that an answer shows; the oldest where it shows several."""
    oldest: dict[int, int] = {}
    for writer, number in re.findall(r"writer(\d)=(\d+);", body):
        oldest[int(writer)] = min(int(number), oldest.get(int(writer), sys.maxsize))
    return oldest


def write(board: Board, writer: int, count: int) -> None:
    """Commit so many numbers, by every way that there is to write a video."""
    ways = _ways(writer)
    for number in range(1, count + 1):
        ways[number % len(ways)](title_of(writer, number))
        board.numbers[writer] = number


def _ways(writer: int) -> list[Callable[[str], Any]]:
    from django.db import connection, transaction  # noqa: PLC0415 - only in a process that has set Django up

    from nisam.freshness.touch import touch  # noqa: PLC0415
    from tests.builders import make_entry  # noqa: PLC0415
    from videos.ingest import ingest  # noqa: PLC0415
    from videos.models import Tag, Video  # noqa: PLC0415

    mine = Video.objects.filter(external_id=f"writer{writer}")
    video = mine.select_related("channel").get()

    def save(title: str) -> None:
        video.title = title
        video.save(update_fields=["title"])

    def bulk_update(title: str) -> None:
        video.title = title
        Video.objects.bulk_update([video], ["title"])

    def replace(title: str) -> None:
        with transaction.atomic():
            mine.delete()
            Video.objects.bulk_create([video])
            save(title)

    def relate(title: str) -> None:
        with transaction.atomic():
            tag, _ = Tag.objects.get_or_create(name=f"tag{writer}")
            video.tags.set([] if video.tags.exists() else [tag])
            mine.update(title=title)

    def raw(title: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE videos_video SET title = %s WHERE external_id = %s", [title, f"writer{writer}"])
            touch("videos")

    return [
        save,
        bulk_update,
        replace,
        relate,
        raw,
        lambda title: mine.update(title=title),
        lambda title: ingest(video.channel, [make_entry(f"writer{writer}", title=title)]),
    ]


def read(board: Board, sites: list[str], count: int, seed: int) -> dict[str, Any]:
    """Ask so often; returns how often each state was seen, and what was older than it had to be."""
    choose = random.Random(seed)
    connections = [http.client.HTTPConnection(urlsplit(site).netloc, timeout=30) for site in sites]
    states: Counter[str] = Counter()
    stale = []
    for _ in range(count):
        connection, path = choose.choice(connections), choose.choice(PATHS)
        before = list(board.numbers)
        connection.request("GET", path)
        answer = connection.getresponse()
        body, state = answer.read().decode(), answer.headers["X-Cache"]
        states[state] += 1
        now = shown(body)
        late = (writer for writer, least in enumerate(before) if now.get(writer, -1) < least)
        stale += [(path, state, writer, now.get(writer), before[writer]) for writer in late]
    return {"states": states, "stale": stale[:5]}


def die(board: Board, writer: int, number: int) -> None:
    """Commit a number, and be killed between COMMIT and whatever comes after it."""
    from nisam.freshness.purge import Purger  # noqa: PLC0415

    def killed(*_: Any, **__: Any) -> None:
        board.numbers[writer] = number
        os.kill(os.getpid(), signal.SIGKILL)

    Purger.purge = killed  # type: ignore[method-assign]
    _ways(writer)[number % len(_ways(writer))](title_of(writer, number))


def main(role: str, path: str, *arguments: str) -> None:
    """A process of the race."""
    board = Board(path)
    if role == "read":
        sites, count, seed = arguments
        print(json.dumps(read(board, sites.split(","), int(count), int(seed))))  # noqa: T201 - what the test reads
        return
    import django  # noqa: PLC0415

    django.setup()
    if role == "write-unversioned":
        from nisam.freshness import touch  # noqa: PLC0415

        touch.touches = lambda connection: []  # noqa: ARG005 - the name is the signature
    first, second = map(int, arguments)
    (die if role == "die" else write)(board, first, second)


if __name__ == "__main__":
    main(*sys.argv[1:])
