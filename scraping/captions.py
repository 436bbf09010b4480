"""Fetching a video's captions: few languages, through the door, and what fails is no failure of the video."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from nisam.lib.errors import Blocks, OperationError
from scraping.door import Door
from scraping.sources.source import CaptionFile, Details
from videos.captions.create import stamp
from videos.captions.cues import Parsed
from videos.captions.json3 import parse_json3
from videos.captions.look import Track
from videos.captions.read import held_since
from videos.captions.webvtt import parse_webvtt
from videos.models.kinds import NOT_OVER

# Captions that were fetched so lately are not asked for again when a page has to be read again.
FETCHED_LATELY = timedelta(days=1)
_PARSERS = {"json3": parse_json3, "vtt": parse_webvtt}


@dataclass(frozen=True)
class Problem:
    """What could not be done, in words, and after how long it may be tried again; None: not by itself."""

    message: str
    again: timedelta | None = None


@dataclass
class Fetched:
    """What came of it."""

    tracks: list[Track] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def fetch_captions(video_id: UUID, details: Details, door: Door) -> Fetched:
    """The captions that are wanted and not there yet; none of a broadcast that is not over.

    Raises CaptionsError when the video's database cannot take them; nothing is asked for then.
    """
    fetched = Fetched()
    chosen = [] if details.entry.live_status in NOT_OVER else choose(details.caption_files, details.language)
    held = held_since(video_id, stamp(timezone.now() - FETCHED_LATELY)) if chosen else frozenset()
    for file in chosen:
        if (file.language, file.source) in held:
            continue
        try:
            parsed = _PARSERS[file.format](door.fetch(file.url).body)
        except OperationError as error:
            passes = error.transient or error.blocks == Blocks.HOST
            words = f"captions in {file.language} could not be fetched: {error}"
            fetched.problems.append(Problem(words, error.retry_after if passes else None))
            if error.blocks == Blocks.HOST:
                break
        else:
            _take(fetched, file, parsed)
    return fetched


def _take(fetched: Fetched, file: CaptionFile, parsed: Parsed) -> None:
    if parsed.rejected or not parsed.cues:
        words = f"captions in {file.language}: {len(parsed.cues)} cues read, {parsed.rejected} could not be"
        fetched.problems.append(Problem(words))
    if parsed.cues:
        fetched.tracks.append(Track(file.language, file.source, parsed.cues))


def choose(files: Sequence[CaptionFile], own: str) -> list[CaptionFile]:
    """The files worth a request, best first, at most NISAM_CAPTIONS.

    A video's own language comes first, heard by a machine only where nobody wrote it; then NISAM_CAPTION_LANGUAGES;
    then the others that people wrote.
    """
    wanted = [own, *settings.CAPTION_LANGUAGES] if own else list(settings.CAPTION_LANGUAGES)
    written = [file for file in files if file.source == "manual"]
    heard = [file for file in files if file.source == "auto" and _place(file, [own]) == 0]
    if own and any(_place(file, [own]) == 0 for file in written):
        heard = []
    return sorted([*written, *heard], key=lambda file: _place(file, wanted))[: settings.CAPTIONS_PER_VIDEO]


def _place(file: CaptionFile, languages: Sequence[str]) -> int:
    """Where a file's language is among these, which stand for their regions too; after them when it is not."""
    spoken = file.language.lower()
    named = (language.lower() for language in languages)
    found = (place for place, name in enumerate(named) if spoken == name or spoken.startswith(f"{name}-"))
    return next(found, len(languages))
