"""Where a client that comes back wants to go on."""

import uuid
from dataclasses import dataclass

_MOST_DIGITS = 18


@dataclass(frozen=True)
class LastId:
    """What a client has seen: entries up to `sequence` of a job, where it says of which."""

    sequence: int = 0
    job_id: uuid.UUID | None = None

    def within(self, job_id: uuid.UUID) -> int:
        """The number after which to go on in this job: 0, all of it, when another job is meant."""
        return self.sequence if self.job_id in {None, job_id} else 0


def parse_last_id(text: str) -> LastId:
    """Reads `42` and `42:<job>`. Anything else is nothing seen, which leads to a full replay and never to an error."""
    number, _, job = text.strip().partition(":")
    if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
        return LastId()
    try:
        return LastId(int(number), uuid.UUID(job) if job else None)
    except ValueError:
        return LastId()
