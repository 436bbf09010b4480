"""What a view says of its public answers, and how the cache finds it by a path."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.urls import Resolver404, resolve

from nisam.freshness.models import Group

View = TypeVar("View")
# Longer ones lead nowhere that is public, and nothing is remembered of them.
LONGEST_PATH = 500


@dataclass(frozen=True)
class Public:
    """An answer that is the same for everybody, made of these groups and told apart by these query parameters."""

    groups: tuple[Group, ...]
    parameters: tuple[str, ...] = ()
    by_host: bool = False


def public(*groups: Group, parameters: tuple[str, ...] = (), by_host: bool = False) -> Callable[[View], View]:
    """Declare that a view's GET answers are public: kept as long as none of `groups` changes.

    They may depend on the path, on these query parameters and on those groups, with `by_host` also on the host that was
    asked, and on nothing else: not on the time, a cookie or who asks.
    """

    def declare(view: View) -> View:
        view.public = Public(tuple(sorted(groups)), parameters, by_host)  # type: ignore[attr-defined]
        return view

    return declare


def declared(path: str) -> Public | None:
    """What the view at a path has declared; None where there is no view, or one that is not public."""
    return _declared(path) if len(path) <= LONGEST_PATH else None


@lru_cache(maxsize=4096)
def _declared(path: str) -> Public | None:
    try:
        view: Any = resolve(path).func
    except Resolver404:
        return None
    found: Public | None = getattr(getattr(view, "cls", view), "public", None)
    return found
