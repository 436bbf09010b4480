"""The plan of a change: what would be done to a file, what that loses, what stands in its way."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dbadmin.change.actions import Action


@dataclass(frozen=True)
class Plan:
    """The way of one file from `from_version` (None: it has none) to `to_version`.

    `losses` counts the rows or values of what goes for good, by name. `blocked` has the reasons why the plan cannot be
    carried out, each with how many rows it concerns (0: it is not about rows). `kept` names what the file has beyond
    its version and keeps.
    """

    from_version: int | None
    to_version: int
    actions: tuple[Action, ...] = ()
    losses: Mapping[str, int] = field(default_factory=dict)
    blocked: Mapping[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    @property
    def sql(self) -> tuple[str, ...]:
        """Every statement, in order."""
        return tuple(statement for action in self.actions for statement in action.statements)

    @property
    def is_destructive(self) -> bool:
        """Whether it needs consent, because something is lost."""
        return bool(self.losses)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.actions and not self.blocked

    @cached_property
    def hash(self) -> str:
        """What consent is bound to: the actions and the losses, with their counts."""
        return _digest(self.plan_class, dict(self.losses))

    @cached_property
    def plan_class(self) -> str:
        """Equal for all files that need exactly these actions, whatever rows they have."""
        return _digest(self.from_version, self.to_version, [action.as_data() for action in self.actions])

    def as_data(self) -> dict[str, Any]:
        """The plan as JSON knows it."""
        return {
            "fromVersion": self.from_version,
            "toVersion": self.to_version,
            "hash": self.hash,
            "planClass": self.plan_class,
            "isDestructive": self.is_destructive,
            "isEmpty": self.is_empty,
            "actions": [action.as_data() for action in self.actions],
            "losses": dict(self.losses),
            "blocked": dict(self.blocked),
            "kept": list(self.kept),
        }


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
