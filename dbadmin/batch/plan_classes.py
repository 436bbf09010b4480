"""What a dry run has found, as the result of its job tells it: the classes of its plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nisam.jobs.models import Job


@dataclass(frozen=True)
class PlanClass:
    """Databases that need exactly the same.

    `blocked_databases` of them cannot be changed, for the reasons in `blocked`; of the rest `destructive` would lose
    what is in `losses`. Both are rows by name, of all of them together.
    """

    name: str
    databases: int
    blocked_databases: int
    destructive: int
    versions: tuple[int | None, int]
    actions: Sequence[dict[str, Any]]
    losses: Sequence[tuple[str, int]]
    blocked: Sequence[tuple[str, int]]

    @property
    def is_blocked(self) -> bool:
        """Whether none of them can be changed like this."""
        return self.blocked_databases == self.databases


def plan_classes(job: Job) -> list[PlanClass]:
    """What a dry run found, the most frequent plan first."""
    found = [
        PlanClass(
            name,
            one["databases"],
            # Dry runs of before counted no databases here.
            one.get("blockedDatabases", one["databases"] if one["blocked"] else 0),
            one["destructive"],
            tuple(one["versions"]),
            one["actions"],
            sorted(one["losses"].items()),
            sorted(one["blocked"].items()),
        )
        for name, one in job.result.get("classes", {}).items()
    ]
    return sorted(found, key=lambda one: (-one.databases, one.name))
