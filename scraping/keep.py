"""Keeping what a video's page said in the video's own database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scraping.captions import Fetched, Problem, fetch_captions
from scraping.door import Door
from scraping.sources.source import Details
from videos.captions.create import stamp
from videos.captions.errors import CaptionsError
from videos.captions.look import Look
from videos.captions.write import write_look
from videos.models import Video


@dataclass
class Kept:
    """What came of it; `is_news` says that the public may be shown other captions than before."""

    problems: list[Problem] = field(default_factory=list)
    is_news: bool = False

    @property
    def again(self) -> timedelta | None:
        """After how long the first of the problems may be tried again; None when none is tried by itself."""
        return min((problem.again for problem in self.problems if problem.again is not None), default=None)


def keep(video: Video, details: Details, door: Door, now: datetime) -> Kept:
    """Fetch captions and write the file, which is committed when this returns. What fails is told, not raised."""
    fetched = Fetched()
    try:
        fetched = fetch_captions(video.pk, details, door)
        written = write_look(video.pk, _look(details, fetched, now))
    except CaptionsError as error:
        return Kept([*fetched.problems, Problem(f"not kept in the video's database: {error}", error.retry_after)])
    # Also what an attempt has written that died before it could say so: the catalogue has seen no look since.
    seen = stamp(video.details_at) if video.details_at else ""
    return Kept(fetched.problems, is_news=written.captions_at > seen)


def _look(details: Details, fetched: Fetched, now: datetime) -> Look:
    entry = details.entry
    return Look(
        now,
        title=entry.title,
        description=entry.description,
        views=entry.view_count,
        likes=entry.like_count,
        chapters=details.chapters,
        tracks=fetched.tracks,
    )
