"""What a step tells of a page it has written."""

from nisam.jobs.run import Step
from videos.ingest import Ingested


def report(step: Step, result: Ingested) -> None:
    """Count what a page came to, with a line in the log for every video that is new or changed."""
    step.found += result.found
    step.added += result.added
    step.updated += result.updated
    step.skipped += result.unchanged
    for video in result.saved:
        what = "added" if video.inserted else "updated"
        step.log("video_saved", f"{what}: {video.title or video.external_id}", videoId=str(video.id), change=what)
