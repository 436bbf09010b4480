"""Settings read from the environment: each has a type, and a wrong value becomes a system check, not a traceback."""

import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Problem:
    """A variable whose value cannot be used; `manage.py check` prints these and nothing starts."""

    variable: str
    value: str
    accepts: str


problems: list[Problem] = []


def read(variable: str, default: Value, parse: Callable[[str], Value], accepts: str) -> Value:
    """The parsed value of `variable`; `default` when it is unset, empty, or refused by `parse` and so recorded."""
    raw = os.environ.get(variable, "").strip()
    if not raw:
        return default
    try:
        return parse(raw)
    except ValueError:
        # A URL may carry a password, which must not end up in a log.
        problems.append(Problem(variable, "…" if variable.endswith("_URL") else raw, accepts))
        return default


def text(variable: str, default: str = "") -> str:
    """A string as it stands."""
    return read(variable, default, str, "any text")


def flag(variable: str, *, default: bool) -> bool:
    """A truth value."""
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }

    def parse(raw: str) -> bool:
        if raw.lower() not in words:
            raise ValueError(raw)
        return words[raw.lower()]

    return read(variable, default, parse, "1 or 0 (also true, false, yes, no, on, off)")


def one_of(variable: str, choices: tuple[str, ...], default: str) -> str:
    """One word of a list, in any case."""

    def parse(raw: str) -> str:
        if raw.upper() not in choices:
            raise ValueError(raw)
        return raw.upper()

    return read(variable, default, parse, "one of " + ", ".join(choices))


def whole(variable: str, default: int, *, minimum: int = 0) -> int:
    """A whole number of at least `minimum`."""

    def parse(raw: str) -> int:
        number = int(raw)
        if number < minimum:
            raise ValueError(raw)
        return number

    return read(variable, default, parse, f"a whole number, at least {minimum}")


def words(variable: str, default: list[str]) -> list[str]:
    """A list separated by commas or spaces."""
    return read(variable, default, lambda raw: raw.replace(",", " ").split(), "words separated by commas")


def url(variable: str, schemes: tuple[str, ...]) -> str:
    """A URL of one of `schemes`, or an empty string."""

    def parse(raw: str) -> str:
        if not raw.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(raw)
        return raw

    return read(variable, "", parse, "a URL that begins with " + " or ".join(f"{s}://" for s in schemes))


def secret(variable: str, kept_in: Path) -> str:
    """A secret from the environment, or one made once and kept in a file that only its owner can read."""
    if given := os.environ.get(variable, "").strip():
        return given
    kept_in.parent.mkdir(parents=True, exist_ok=True)
    # Linked into place when it is complete: who starts at the same moment finds no file or a whole one.
    with tempfile.NamedTemporaryFile("w", dir=kept_in.parent) as file:  # which only its owner can read
        file.write(secrets.token_urlsafe(50))
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, kept_in)
    return kept_in.read_text().strip()
