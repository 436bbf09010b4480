"""Asking for videos' own pages to be read; what reads them is the scraping app's."""

from collections.abc import Iterable, Sequence

from django.db.models import prefetch_related_objects

from nisam.jobs.start import Started, Target, start
from videos.models import Video

DETAILS = "video_details"


def details_targets(videos: Sequence[Video]) -> list[Target]:
    """What a job works on that reads these videos' own pages; one statement at most."""
    prefetch_related_objects(videos, "channel")
    return [Target(f"video:{video.pk}", str(video), video.channel_id, video.channel.name) for video in videos]


def request_details(videos: Iterable[Video], requested_by: str) -> Started:
    """Start a job that reads these videos' own pages now; those that were deleted are left out.

    Raises NothingToDoError when none is left.
    """
    there = [video for video in videos if video.deleted_at is None]
    return start(DETAILS, details_targets(there), requested_by=requested_by)
