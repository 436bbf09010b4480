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
    return extractor, gate
