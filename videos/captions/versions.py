"""The versions of the schema that there are, as `schema/` has them."""

import tomllib
from functools import cache
from pathlib import Path

SCHEMA = Path(__file__).parent / "schema"


@cache
def latest() -> int:
    """The version that new files get."""
    return max(int(name.removeprefix("v")) for name in _registry())


@cache
def statements(version: int) -> str:
    """The SQL that makes an empty database one of this version."""
    return (SCHEMA / f"v{version}.sql").read_text(encoding="utf-8")


def checksum(version: int) -> str:
    """The fingerprint of this version's schema."""
    return str(_registry()[f"v{version}"]["checksum"])


@cache
def _registry() -> dict[str, dict[str, object]]:
    return tomllib.loads((SCHEMA / "registry.toml").read_text(encoding="utf-8"))
