"""The Celery tasks of the videos app."""

from celery import shared_task

from videos import merge_reactions as merging


@shared_task(name="videos.merge_reactions", ignore_result=True)
def merge_reactions() -> None:
    """Bring likes and views into the catalogue."""
    merging.merge_reactions()
