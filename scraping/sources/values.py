"""What a reply says under a name, if it is of the type that it should be of; else it is not said."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from videos.ingest import MAX_COUNT


def text(item: Any, name: str) -> str:
    """The text under `name`, as databases can hold it: no NUL bytes, no halves of characters."""
    value = item.get(name) if isinstance(item, Mapping) else None
    return value.replace("\x00", "").encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def count(item: Any, name: str) -> int | None:
    """The number under `name`, whole, if it can be a count."""
    value = item.get(name) if isinstance(item, Mapping) else None
    return int(value) if isinstance(value, int | float) and 0 <= value <= MAX_COUNT else None


def web_address(link: str, base: str) -> str:
    """`link` made absolute; empty when it is no address of http or https."""
    try:
        url = urljoin(base, link.strip()) if link else ""
    except ValueError:
        return ""
    return url if url.startswith(("https://", "http://")) else ""
