"""Which files of captions a video has, in the formats that we read; from yt-dlp's dictionaries above all."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scraping.sources.source import CaptionFile

# Best first: json3 has each line once and exact times.
_FORMATS = ("json3", "vtt")
# YouTube adds the id of a track that somebody has named: en-GB-BcZ8Aw7PaxE.
_TRACK_ID = re.compile(r"(?<=\w)-[\w-]{11}$")
_ORIGINAL = "-orig"
_LONGEST_NAME = 60


def own_language(info: Mapping[str, Any]) -> str:
    """The language that is spoken in a video; empty when nobody says."""
    heard = (name.removesuffix(_ORIGINAL) for name in info.get("automatic_captions") or () if name.endswith(_ORIGINAL))
    return str(info.get("language") or next(heard, ""))


def caption_files(info: Mapping[str, Any]) -> list[CaptionFile]:
    """The captions of a video: one file for each language that people wrote, and for each that a machine heard."""
    return one_of_each((*_written(info), *_heard(info)))


def one_of_each(files: Iterable[CaptionFile]) -> list[CaptionFile]:
    """The first of each language and source, without those whose language has no name that could be one."""
    found: dict[tuple[str, str], CaptionFile] = {}
    for file in files:
        if file.language.isprintable() and 0 < len(file.language) <= _LONGEST_NAME:
            found.setdefault((file.language, file.source), file)
    return list(found.values())


def _written(info: Mapping[str, Any]) -> Iterator[CaptionFile]:
    for name, formats in (info.get("subtitles") or {}).items():
        if name != "live_chat" and (best := _best(formats)):
            yield CaptionFile(_TRACK_ID.sub("", name), "manual", *best)


def _heard(info: Mapping[str, Any]) -> Iterator[CaptionFile]:
    """What was heard, not what was translated from it, which anybody may do by himself."""
    for name, formats in (info.get("automatic_captions") or {}).items():
        best = _best(formats)
        if best and (name.endswith(_ORIGINAL) or "tlang=" not in best[1]):
            yield CaptionFile(name.removesuffix(_ORIGINAL), "auto", *best)


def _best(formats: Any) -> tuple[str, str] | None:
    """(format, address) of the best of a track's files."""
    addresses = {one["ext"]: one["url"] for one in reversed(formats or ()) if one.get("ext") and one.get("url")}
    return next(((name, str(addresses[name])) for name in _FORMATS if name in addresses), None)
