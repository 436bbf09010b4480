"""Where a video's own database is."""

from pathlib import Path
from uuid import UUID

from django.conf import settings


def path_of(video_id: UUID) -> Path:
    """root/ab/<video's id>/captions.db: in a folder for each two characters that ids begin with, 256 in all."""
    name = str(video_id)
    return Path(settings.CAPTIONS_ROOT) / name[:2] / name / "captions.db"
