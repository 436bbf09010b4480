"""Query parameters: read with their types; what is unknown or wrong is a 400 that says what is accepted."""

import uuid
from collections.abc import Sequence

from rest_framework.request import Request

from nisam.lib.api_errors import BadParameterError

MAX_LIMIT = 100
DEFAULT_LIMIT = 24
MAX_OFFSET = 10_000


def refuse_unknown(request: Request, known: Sequence[str]) -> None:
    """Raise BadParameterError for a parameter that is not in `known`."""
    for name in request.query_params:
        if name not in known:
            there_are = f"there are {', '.join(known)}" if known else "there is none"
            raise BadParameterError(name, f"nothing: it is unknown here; {there_are}")


def whole(request: Request, name: str, *, default: int, minimum: int, maximum: int) -> int:
    """A whole number within bounds."""
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(maximum)) and minimum <= int(raw) <= maximum):
        raise BadParameterError(name, f"a whole number from {minimum} to {maximum}")
    return int(raw)


def one_of(request: Request, name: str, choices: Sequence[str], default: str = "") -> str:
    """One word of a list; `default` when absent."""
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if raw not in choices:
        raise BadParameterError(name, f"one of {', '.join(choices)}")
    return raw


def truth(request: Request, name: str) -> bool:
    """Whether a parameter is true; absent means it is not."""
    return one_of(request, name, ("true", "false"), "false") == "true"


def identifier(request: Request, name: str) -> uuid.UUID | None:
    """A UUID; None when absent."""
    raw = request.query_params.get(name)
    if raw is None:
        return None
    try:
        return uuid.UUID(raw)
    except ValueError as error:
        raise BadParameterError(name, "an id (a UUID)") from error


def text(request: Request, name: str, *, longest: int = 200) -> str:
    """Text without NUL bytes, of bounded length; empty when absent."""
    raw = request.query_params.get(name, "").strip()
    if len(raw) > longest or "\x00" in raw:
        raise BadParameterError(name, f"text of at most {longest} characters")
    return raw


def window(request: Request) -> tuple[int, int]:
    """(offset, limit) of a list."""
    limit = whole(request, "limit", default=DEFAULT_LIMIT, minimum=1, maximum=MAX_LIMIT)
    return whole(request, "offset", default=0, minimum=0, maximum=MAX_OFFSET), limit
