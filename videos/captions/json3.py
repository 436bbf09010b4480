"""Captions in YouTube's json3: {"events": [{"tStartMs", "dDurationMs", "segs": [{"utf8"}]}]}."""

import json
from collections.abc import Mapping
from typing import Any

from videos.captions.cues import LONGEST_MS, Cue, Parsed, clean, in_order


def parse_json3(body: bytes) -> Parsed:
    """The cues of a json3 file; what is no such file is one reject."""
    try:
        document = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Parsed((), 1)
    events = document.get("events", []) if isinstance(document, dict) else None
    if not isinstance(events, list):
        return Parsed((), 1)
    found, rejected = [], 0
    for event in events:
        try:
            found += _cues(event)
        except ValueError:
            rejected += 1
    parsed = in_order(found, rejected)
    rolls = any(isinstance(event, dict) and event.get("aAppend") for event in events)
    return parsed._replace(cues=_clipped(parsed.cues)) if rolls else parsed


def _cues(event: Any) -> list[Cue]:
    """The cue of an event; none of one that shows no text, such as a window's opening. Raises ValueError."""
    if not isinstance(event, dict):
        raise ValueError(event)
    segments = event.get("segs", [])
    if not isinstance(segments, list) or not all(isinstance(segment, dict) for segment in segments):
        raise ValueError(segments)
    text = clean("".join(str(segment.get("utf8") or "") for segment in segments))
    if not text:
        return []
    start = _milliseconds(event, "tStartMs")
    return [Cue(start, start + _milliseconds(event, "dDurationMs"), text)]


def _milliseconds(event: Mapping[str, Any], name: str) -> int:
    """A time; one that is not named is 0. Raises ValueError."""
    value = event.get(name, 0)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LONGEST_MS
    if not is_number:
        raise ValueError(value)
    return int(value)


def _clipped(cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
    """Heard captions stay on the screen while the next line is spoken: each ends where the next begins."""
    nexts = [cue.start_ms for cue in cues[1:]]
    ends = [*(min(cue.end_ms, start) for cue, start in zip(cues, nexts, strict=False)), *(c.end_ms for c in cues[-1:])]
    return tuple(cue._replace(end_ms=end) for cue, end in zip(cues, ends, strict=True))
