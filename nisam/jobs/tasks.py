"""The Celery tasks of the jobs app. A message carries an id; the row decides."""

import os

from celery import Task, shared_task

from nisam.jobs import prune as pruning
from nisam.jobs import reaper
from nisam.jobs.broker import WORK
from nisam.jobs.runner import run_item


@shared_task(name=WORK, bind=True)
def work(self: "Task[[str], None]", item_id: str) -> None:
    """Work on one item; a second delivery of the message falls through at the claim."""
    # With the process that will hand its work over (a prefork child's parent): two workers may have the same name.
    worker = f"{self.request.hostname}:{os.getppid()}"
    run_item(item_id, worker=worker, task_id=self.request.id or "")


@shared_task(name="nisam.jobs.reap", ignore_result=True)
def reap() -> None:
    """One round of the reaper."""
    reaper.reap()


@shared_task(name="nisam.jobs.prune", ignore_result=True)
def prune() -> None:
    """Forget old jobs."""
    pruning.prune()
