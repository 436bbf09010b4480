"""The Celery tasks of the catalogue."""

from celery import shared_task

from videos import merge_reactions as merging
from videos.search import learn


@shared_task(name="videos.merge_reactions", ignore_result=True)
def merge_reactions() -> None:
    """Bring likes and views into the catalogue."""
    merging.merge_reactions()


@shared_task(name="videos.learn_words", ignore_result=True)
def learn_words() -> None:
    """Learn the words of new documents."""
    learn.learn_words()
