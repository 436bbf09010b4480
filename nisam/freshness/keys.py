"""What a public answer is stored under: what was asked, and the versions of what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings

from nisam.freshness.declare import LONGEST_PATH, declared

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
    # Before anything is remembered of it: nobody may fill the memory with long ones.
    if len(scope["path"]) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
        return None
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return _question(scope["scheme"], host, scope["path"], scope["query_string"])


@lru_cache(maxsize=4096)
def _question(scheme: str, host: bytes, path: str, query: bytes) -> Question | None:
    public = declared(path)
    if public is None:
        return None
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True)
    except ValueError:
        return None
    names = [name for name, _ in pairs]
    # What is unknown the view refuses, in words; of what is said twice it takes one, and order would count.
    if len(set(names)) < len(names) or not set(names) <= set(public.parameters):
        return None
    origin = [("", scheme), ("", host.decode("latin-1"))] if public.by_host else []
    text = urlencode([*origin, ("", path), *sorted(pairs)], errors="surrogatepass")
    return Question(text.encode(), tuple(public.groups))


@cache
def _program() -> str:
    """What this version of the program is called: another one may write the same content in another form."""
    digest = blake2b(digest_size=8)
    for folder in ("nisam", "channels", "videos", "scraping", "dbadmin", "templates"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".py", ".html"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def key_of(asked: Question, tokens: Mapping[str, str]) -> Key:
    """The question at these versions."""
    name = f"nisam:pages:{_program()}:" + ",".join(f"{group}={tokens[group]}" for group in asked.groups)
    return Key(name, blake2b(asked.text + name.encode(), digest_size=16).hexdigest(), asked.groups)
