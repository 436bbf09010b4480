"""YouTube's lists inside yt-dlp, taken apart into pages that can be committed and resumed one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


class EndOfPageError(Exception):
    """The extractor is about to ask for the next page."""

    def __init__(self, call: dict[str, Any]) -> None:
        self.query: dict[str, Any] = call["query"]
        self.visitor: str | None = (call.get("headers") or {}).get("X-Goog-Visitor-Id")
        self.config = call.get("ytcfg")


@dataclass
class Gate:
    """Stands before a YouTube extractor's requests and lets one continuation through at a time.

    yt-dlp reads page after page inside one generator; stopped before each request, a page can be committed
    and its continuation kept before the next one is asked for.
    """

    send: Any
    open: bool = False

    def __call__(self, **call: Any) -> Any:
        if "continuation" in (call.get("query") or {}):
            if not self.open:
                raise EndOfPageError(call)
            self.open = False
        return self.send(**call)


class _Shortcuts:
    """The same answers as the extractor's own to what it asks for every entry, without looking everywhere for them.

    They take its lists from 120 to 700 entries a second; none of them knows anything of YouTube.
    """

    def __init__(self, extractor: Any) -> None:
        self._own = type(extractor)
        self._extractor = extractor
        self._page: Any = None
        self._continuation: Any = None

    def continuation(self, renderer: Any) -> Any:
        """Asked after each entry of a page and the same for all of them; it stands at the page's end."""
        if self._page is not renderer:
            find = self._own._extract_continuation  # noqa: SLF001
            items = renderer.get("contents") if isinstance(renderer, dict) else None
            last = {**renderer, "contents": items[-1:]} if isinstance(items, list) else renderer
            self._page, self._continuation = renderer, find(last) or find(renderer)
        return self._continuation

    def badges(self, found: Any) -> list[Any]:
        """Most entries have none."""
        badges: list[Any] = self._own._extract_badges(self._extractor, found) if found else []  # noqa: SLF001
        return badges

    def has_badge(self, badges: list[Any], kind: Any) -> bool:
        """None of none."""
        return bool(badges) and self._own._has_badge(badges, kind)  # noqa: SLF001


def continued(extractor: Any, cursor: dict[str, Any], config: Any) -> Iterator[dict[str, Any]]:
    """Let the extractor go on from a continuation, by showing it a list whose only item is that continuation."""
    query = cursor["query"]
    token = {"continuationCommand": {"token": query["continuation"]}, **query.get("clickTracking", {})}
    contents = [{"continuationItemRenderer": {"continuationEndpoint": token}}]
    tab = {"content": {"richGridRenderer": {"contents": contents}}}
    entries: Iterator[dict[str, Any]] = extractor._entries(tab, "resumed", config, None, cursor["visitor"])  # noqa: SLF001
    return entries


def gated(downloader: Any) -> tuple[Any, Gate]:
    """The extractor of YouTube's lists with a closed gate in front of its requests; the same two of a downloader."""
    extractor = downloader.get_info_extractor("YoutubeTab")
    gate: Gate = extractor.__dict__.setdefault("_extract_response", Gate(extractor._extract_response))  # noqa: SLF001
    gate.open = False
    if "_extract_badges" not in extractor.__dict__:
        shortcuts = _Shortcuts(extractor)
        extractor._extract_continuation = shortcuts.continuation  # noqa: SLF001
        extractor._extract_badges = shortcuts.badges  # noqa: SLF001
        extractor._has_badge = shortcuts.has_badge  # noqa: SLF001
    return extractor, gate
