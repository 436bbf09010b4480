"""Working a job off in this process: with no worker and no broker, or beside them."""

import os
import socket
import time
import uuid
from datetime import timedelta

from django.utils import timezone

from nisam.jobs.models import FINISHED, Job
from nisam.jobs.reaper import reap
from nisam.jobs.runner import run_item

IDLE_SECONDS = 0.25
REAP_SECONDS = 5.0
LONGEST_WAIT = timedelta(minutes=1)


def process_name() -> str:
    """What this process is called as a worker of jobs."""
    return f"{socket.gethostname()}:{os.getpid()}"


def work_off(job_id: uuid.UUID, *, worker: str) -> Job:
    """Run what is free of a job and wait for the rest, until the job has ended; returns it as it is then.

    Items that other workers hold are waited for, and taken over when their lease ends. When all that is left waits
    for longer than `LONGEST_WAIT`, the job is returned unfinished: whoever works it off next goes on with it.
    """
    reaped_at = time.monotonic()
    while True:
        job = Job.objects.get(pk=job_id)
        if job.status in FINISHED:
            return job
        item = job.items.claimable(timezone.now()).order_by("position").first()
        if item and run_item(item.pk, worker=worker):
            continue
        if not job.items.active().filter(available_at__lt=timezone.now() + LONGEST_WAIT).exists():
            return Job.objects.get(pk=job_id)
        time.sleep(IDLE_SECONDS)
        if time.monotonic() - reaped_at > REAP_SECONDS:
            reap()
            reaped_at = time.monotonic()
