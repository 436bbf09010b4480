"""The versions of the schema that there are, as `schema/` has them."""

import tomllib
from functools import cache
from pathlib import Path

from videos.captions.errors import VersionError

SCHEMA = Path(__file__).parent / "schema"


@cache
def latest() -> int:
    """The version that new files get."""
    return max(int(name.removeprefix("v")) for name in _registry())


def refuse_other_versions(version: int | None) -> None:
    """Raise VersionError, saying what to do, unless this version is the latest, the only one that is written."""
    if version != latest():
        newer = version is not None and version > latest()
        what = "only a newer nisam writes it" if newer else "bring it up to date with `manage.py fleet migrate`"
        raise VersionError(f"The database is of version {version}, not {latest()}: {what}.")


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
