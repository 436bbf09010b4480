"""The broker: it wakes workers, and nothing is lost when it forgets."""

import logging
from collections.abc import Iterable
from typing import Any

from celery import current_app
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from nisam.jobs.models import JobItem
from nisam.jobs.registry import get_job_type

logger = logging.getLogger(__name__)

WORK = "nisam.jobs.work"


def wake(items: Iterable[JobItem]) -> int:
    """Send one message per item and note when; returns how many were sent.

    A broker that is away is logged, never raised: the reaper sends again what has no note of a message.
    """
    if not settings.REDIS_URL:
        return 0
    sent = []
    try:
        for item in items:
            queue = get_job_type(item.job.type).queue
            current_app.send_task(WORK, args=[str(item.pk)], queue=queue, retry=False)
            sent.append(item.pk)
    except OperationalError as error:
        logger.warning("The broker cannot be reached; the reaper will wake the workers later: %s", error)
    JobItem.objects.filter(pk__in=sent).update(woken_at=timezone.now())
    return len(sent)


def queue_length(queue: str) -> int | None:
    """How many messages wait in a queue; None when the broker cannot be asked."""
    if not settings.REDIS_URL:
        return None
    try:
        with current_app.connection_for_read(connect_timeout=2) as connection:
            channel: Any = connection.default_channel
            return int(channel.queue_declare(queue=queue, passive=False, durable=True).message_count)
    except (OperationalError, OSError) as error:
        logger.warning("The broker cannot be asked for the length of %s: %s", queue, error)
        return None


def terminate(task_id: str) -> None:
    """Kill the worker child that runs a task; a broker that is away is logged."""
    if not settings.REDIS_URL or not task_id:
        return
    try:
        current_app.control.revoke(task_id, terminate=True, signal="SIGKILL")
    except OperationalError as error:
        logger.warning("Task %s cannot be terminated, its item is fenced off anyway: %s", task_id, error)
