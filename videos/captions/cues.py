"""What was said, and when."""

from collections.abc import Iterable
from typing import NamedTuple

LONGEST_MS = 2**53  # what JSON's readers still count exactly
MOST_CUES = 50_000
MOST_ROLLING = 8  # lines that stay on a screen
_CONTROLS = dict.fromkeys({*range(32)} - {*b"\t\n\r"})


class Cue(NamedTuple):
    """A line of captions, from and until when it is shown, in milliseconds from the video's beginning."""

    start_ms: int
    end_ms: int
    text: str


class Parsed(NamedTuple):
    """What could be read of a file, in order, and how many cues of it could not."""

    cues: tuple[Cue, ...]
    rejected: int = 0


def in_order(cues: Iterable[Cue], rejected: int = 0) -> Parsed:
    """Cues by their time; those whose time cannot be, or that are more than anybody could say, are rejected."""
    all_cues = list(cues)
    good = sorted(cue for cue in all_cues if 0 <= cue.start_ms <= cue.end_ms <= LONGEST_MS)[:MOST_CUES]
    return Parsed(tuple(good), rejected + len(all_cues) - len(good))


def clean(text: str) -> str:
    """Lines that can be stored and shown, without superfluous spaces."""
    lines = (" ".join(line.split()) for line in storable(text).replace("\u200b", "").splitlines())
    return "\n".join(line for line in lines if line)


def storable(text: str) -> str:
    """The text without what no database or no reader takes: control characters, halves of characters."""
    return text.translate(_CONTROLS).encode("utf-8", "ignore").decode()


def unrolled(cues: Iterable[Cue]) -> list[Cue]:
    """Captions that roll up repeat the line before above each new one: each line once, until the next is said."""
    kept: list[Cue] = []
    for cue in cues:
        lines = cue.text.split("\n")
        before = kept[-1].text.split("\n") if kept and cue.start_ms <= kept[-1].end_ms + 50 else []
        shared = next((n for n in range(min(len(lines), MOST_ROLLING), 0, -1) if before[-n:] == lines[:n]), 0)
        if shared and shared == len(lines):
            kept[-1] = kept[-1]._replace(end_ms=max(kept[-1].end_ms, cue.end_ms))
        elif shared:
            kept[-1] = kept[-1]._replace(end_ms=max(kept[-1].start_ms, min(kept[-1].end_ms, cue.start_ms)))
            kept.append(cue._replace(text="\n".join(lines[shared:])))
        else:
            kept.append(cue)
    return kept
