"""Asking for videos' own pages to be read; what reads them is the scraping app's."""

from collections.abc import Iterable

from nisam.jobs.start import Started, Target, start
from videos.models import Video

DETAILS = "video_details"


def request_details(videos: Iterable[Video], requested_by: str) -> Started:
    """Start a job that reads these videos' own pages now; those that were deleted are left out.

    Raises NothingToDoError when none is left.
    """
    targets = [Target(f"video:{video.pk}", str(video)) for video in videos if video.deleted_at is None]
    return start(DETAILS, targets, requested_by=requested_by)
