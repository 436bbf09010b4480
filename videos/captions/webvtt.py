"""Captions in WebVTT (https://www.w3.org/TR/webvtt1/), read as leniently as players read them."""

import html
import re
from collections.abc import Iterator

from videos.captions.cues import Cue, Parsed, clean, in_order, unrolled

# Hours are optional, and may have more than two digits; SubRip's comma is taken too.
_TIME = r"(?:(\d{1,9}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?", re.ASCII)
_TAG = re.compile(r"<[^<>]*>")
_NO_CUES = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)(?:\s|$)")


def parse_webvtt(body: bytes) -> Parsed:
    """The cues of a WebVTT file; a block that is no cue and nothing else that is known is a reject."""
    found, rejected = [], 0
    for lines in _blocks(body):
        number = next((n for n, line in enumerate(lines[:2]) if "-->" in line), None)
        if number is None:
            rejected += not _NO_CUES.match(lines[0])
            continue
        text = clean(html.unescape(_TAG.sub("", "\n".join(lines[number + 1 :]))))
        times = _times(lines[number])
        if times is None:
            rejected += 1
        elif text:
            found.append(Cue(*times, text))
    return _unrolled(in_order(found, rejected))


def _blocks(body: bytes) -> Iterator[list[str]]:
    """Groups of lines with an empty line between them."""
    text = body.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip(" \t"):  # YouTube keeps an empty line of a cue open with a space
            block.append(line)
        elif line and block:
            continue
        elif block:
            yield block
            block = []


def _times(line: str) -> tuple[int, int] | None:
    """(start, end) in milliseconds."""
    found = _TIMES.fullmatch(line)
    if found is None:
        return None
    hours, minutes, seconds, part = found.groups()[:4]
    start = _milliseconds(hours, minutes, seconds, part)
    end = _milliseconds(*found.groups()[4:])
    return (start, end) if start <= end else None


def _milliseconds(hours: str | None, minutes: str, seconds: str, part: str) -> int:
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(part.ljust(3, "0"))


def _unrolled(parsed: Parsed) -> Parsed:
    return parsed._replace(cues=tuple(unrolled(parsed.cues)))
