"""What one look at a video told, as far as its own database keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from videos.captions.cues import Cue

Source = Literal["manual", "auto"]


@dataclass(frozen=True)
class Track:
    """A language's captions, written by people or heard by a machine."""

    language: str
    source: Source
    cues: Sequence[Cue]


@dataclass(frozen=True)
class Look:
    """One look, at `taken_at` (UTC). What is empty or None was not said and changes nothing.

    `chapters` are {start, end, title} in seconds, as the catalogue has them.
    """

    taken_at: datetime
    title: str = ""
    description: str = ""
    views: int | None = None
    likes: int | None = None
    chapters: Sequence[Mapping[str, Any]] = ()
    tracks: Sequence[Track] = ()
