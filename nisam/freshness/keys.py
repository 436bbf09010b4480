"""What a public answer is stored under: what was asked, and the versions of what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl

from nisam.freshness.declare import declared

LONGEST_QUERY = 2000


@dataclass(frozen=True)
class Question:
    """What is asked for, whatever the order of its parameters, and the groups that its answer is made of."""

    text: bytes
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Key:
    """A question at certain versions. `name` is the Redis hash of all answers of those versions."""

    name: str
    digest: str
    groups: tuple[str, ...]


def question(scope: Mapping[str, Any]) -> Question | None:
    """The question of an ASGI request; None when its answer is not to be stored."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
        return None
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return _question(scope["scheme"], host, scope["path"], scope["query_string"])


@lru_cache(maxsize=4096)
def _question(scheme: str, host: bytes, path: str, query: bytes) -> Question | None:
    public = declared(path)
    if public is None or len(query) > LONGEST_QUERY:
        return None
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True)
    except ValueError:
        return None
    if any(name not in public.parameters for name, _ in pairs):
        return None  # the view refuses it, in words
    origin = (scheme, host.decode("latin-1")) if public.by_host else ()
    parts = (*origin, path, *(f"{name}={value}" for name, value in sorted(pairs)))
    return Question("\0".join(parts).encode("utf-8", "surrogatepass"), tuple(public.groups))


def key_of(asked: Question, tokens: Mapping[str, str]) -> Key:
    """The question at these versions."""
    name = "nisam:pages:" + ",".join(f"{group}={tokens[group]}" for group in asked.groups)
    return Key(name, blake2b(asked.text + name.encode(), digest_size=16).hexdigest(), asked.groups)
