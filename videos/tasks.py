"""The Celery tasks of the videos app."""

from celery import shared_task

from videos.search import learn


@shared_task(name="videos.learn_words", ignore_result=True)
def learn_words() -> None:
    """Learn the words of new documents."""
    learn.learn_words()
