"""Whether Beat and the workers are alive, from their rows: one statement, and the broker is not asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nisam.presence.models import GONE_AFTER, Process

# Every queue that work is put into; one without a worker waits for ever.
QUEUES = ("scrape", "details", "databases", "default")


@dataclass(frozen=True)
class Presence:
    """The processes that were heard of lately, and when one of either kind last was: None where there never was one."""

    beats: Sequence[Process]
    workers: Sequence[Process]
    beat_seen_at: datetime | None
    worker_seen_at: datetime | None

    @property
    def idle_queues(self) -> list[str]:
        """Queues that no worker takes from."""
        taken = {queue for worker in self.workers for queue in worker.queues}
        return [queue for queue in QUEUES if queue not in taken]

    @property
    def problems(self) -> list[str]:
        """What an operator must know at once, in sentences; empty when all is well."""
        return [problem for problem in (self.beat_problem, self.worker_problem) if problem]

    @property
    def beat_problem(self) -> str:
        """What is wrong with Beat, in a sentence; empty when one is alive."""
        return "" if self.beats else f"Beat {_last(self.beat_seen_at)}, so nothing is done on schedule: start it."

    @property
    def worker_problem(self) -> str:
        """What is wrong with the workers, in a sentence; empty when every queue has one."""
        if not self.workers:
            return f"No worker is alive; the last one {_last(self.worker_seen_at)}: start one."
        if self.idle_queues:
            return f"No worker takes from {', '.join(self.idle_queues)}, so what is put there waits: start one."
        return ""


def look(now: datetime) -> Presence:
    """Who is alive at this moment."""
    rows = list(Process.objects.order_by("name"))
    beats = [row for row in rows if row.kind == Process.Kind.BEAT]
    workers = [row for row in rows if row.kind == Process.Kind.WORKER]
    return Presence(_alive(beats, now), _alive(workers, now), _last_seen(beats), _last_seen(workers))


def _alive(rows: Sequence[Process], now: datetime) -> list[Process]:
    return [row for row in rows if row.seen_at > now - GONE_AFTER]


def _last_seen(rows: Sequence[Process]) -> datetime | None:
    return max((row.seen_at for row in rows), default=None)


def _last(moment: datetime | None) -> str:
    return f"was last heard of on {moment:%Y-%m-%d at %H:%M:%S} UTC" if moment else "was never heard of"
