"""The recorded scenarios, for tests that go through all of them."""

import json
from typing import Any

from tests.backend import RECORDINGS


def _load() -> dict[str, dict[str, Any]]:
    path = RECORDINGS / "scenarios" / "manifest.json"
    if not path.is_file():
        return {}
    found = {scenario["name"]: scenario for scenario in json.loads(path.read_text())["scenarios"]}
    for name, scenario in found.items():
        index = json.loads((RECORDINGS / "scenarios" / name / "index.json").read_text())
        scenario["channel_id"] = index.get("channel_id")
    return found


SCENARIOS = _load()


def named(*kinds: str) -> list[str]:
    """The names of the scenarios of these kinds."""
    return [name for name, scenario in SCENARIOS.items() if scenario["kind"] in kinds]
