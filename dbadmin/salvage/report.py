"""What a salvage found and did, as numbers."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class TableReport:
    """The rows of a table.

    `recovered` are in the new file; `rejected` were read, broke a rule and are in lost_and_found; `uncertain` are those
    of the recovered that only their looks gave to this table, or of which a value became another.
    """

    recovered: int = 0
    rejected: int = 0
    uncertain: int = 0


@dataclass(frozen=True)
class SalvageReport:
    """The outcome. `version` is that of the new file, `lost_and_found` the number of rows there.

    `incomplete` tables had pages that could not be read; `unreadable` cells were on pages that could. Both say that
    rows may be gone that nobody can count.
    """

    version: int
    tables: dict[str, TableReport]
    lost_and_found: int
    unreadable: int
    incomplete: tuple[str, ...]
    quarantined: Path

    def as_data(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        return {**asdict(self), "incomplete": list(self.incomplete), "quarantined": str(self.quarantined)}


def lacks_something(report: dict[str, Any]) -> bool:
    """Whether a report, as data, tells of anything that is not in the new file, or not for certain."""
    has_doubts = any(rows["rejected"] or rows["uncertain"] for rows in report["tables"].values())
    return bool(has_doubts or report["lost_and_found"] or report["unreadable"] or report["incomplete"])
