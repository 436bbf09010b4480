"""What is read from HTML: its text, and the feeds that a page names."""

import re
from html.parser import HTMLParser

from channels.addresses import LONGEST
from scraping.sources.values import web_address

FEED_TYPES = {"application/rss+xml", "application/atom+xml"}
# Feeds are named in a page's head.
_HEAD = 512 * 1024
_BREAKS = {"p", "br", "div", "li", "ul", "ol", "tr", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_UNSEEN = {"script", "style"}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        if tag in _BREAKS - {"br"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: (value or "").strip() for name, value in attrs}
        is_feed = said.get("type", "").partition(";")[0].strip().lower() in FEED_TYPES
        if tag == "link" and is_feed and "alternate" in said.get("rel", "").lower().split():
            self.found.append(said.get("href", ""))


def plain_text(html: str) -> str:
    """The words of HTML without its tags, paragraphs on lines of their own; text without tags stays as it is."""
    if "<" not in html and "&" not in html:
        return html.strip()
    reader = _Text()
    _feed(reader, html)
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def linked_feeds(html: bytes, base_url: str) -> list[str]:
    """The addresses of the feeds that a page names in its head, in its order (RSS Autodiscovery, rssboard.org)."""
    reader = _Links()
    _feed(reader, html[:_HEAD].decode("utf-8", "replace"))
    urls = [web_address(link, base_url) for link in reader.found]
    return list(dict.fromkeys(url for url in urls if 0 < len(url) <= LONGEST))


def _feed(reader: HTMLParser, html: str) -> None:
    try:
        reader.feed(html)
        reader.close()
    except AssertionError:  # the parser gives up on some broken declarations; what it read until there counts
        return
