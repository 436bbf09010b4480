"""python -m benchmarks.stream_writer JOB CHANNEL: a worker that writes a job's log, a line a transaction.

For each line with a number on standard input it writes so many entries, 20 a second, and beside each publishes a bare
message on CHANNEL, which is the floor. It answers with when each was sent: seconds of the machine's monotonic clock.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAUSE_SECONDS = 0.05


@contextmanager
def stream_writer(job_id: uuid.UUID, channel: str, variables: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Such a process with that environment beside ours, ended with the block."""
    command = [sys.executable, "-m", "benchmarks.stream_writer", str(job_id), channel]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def main(job: str, channel: str) -> None:
    """Obey each line of standard input."""
    import django  # noqa: PLC0415 - the parent needs none of it

    django.setup()

    import redis  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from nisam.jobs.events import Event, record  # noqa: PLC0415

    bare = redis.Redis.from_url(settings.REDIS_URL)

    def write() -> float:
        with transaction.atomic():
            record(uuid.UUID(job), None, [Event("video_saved", "A video of the usual kind, with a title of its own")])
            return time.monotonic()  # then comes the COMMIT

    for line in sys.stdin:
        written, published = [], []
        for number in range(int(line)):
            written.append(write())
            time.sleep(PAUSE_SECONDS / 2)
            published.append(time.monotonic())
            bare.publish(channel, number)
            time.sleep(PAUSE_SECONDS / 2)
        print(json.dumps([written, published]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
