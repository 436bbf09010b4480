"""Running an item from claim to end, whatever happens in between."""

import logging
import uuid
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from nisam.jobs.cancel import AlreadyFinishedError, cancel_interrupted
from nisam.jobs.claim import LeaseLostError, claim, release
from nisam.jobs.finish import finish
from nisam.jobs.heartbeat import heartbeat
from nisam.jobs.models import MAX_TRIES, Job, Status
from nisam.jobs.registry import get_job_type
from nisam.jobs.run import CancelledRun, LostRun, Run
from nisam.lib.errors import DATABASE_AWAY, Blocks, OperationError

logger = logging.getLogger(__name__)


def run_item(item_id: uuid.UUID | str, *, worker: str, task_id: str = "") -> Status | None:
    """Claim an item and work on it; returns the state it was left in, None when it was not ours to run.

    KeyboardInterrupt cancels the job before it goes on; a database that goes away leaves the item to the reaper.
    """
    item = claim(item_id, worker=worker, task_id=task_id)
    if item is None:
        return None
    try:
        if item.job.cancel_requested_at:
            finish(item, Status.CANCELLED)
            return Status.CANCELLED
        return _attempt(Run(item))
    except (LeaseLostError, LostRun):
        logger.warning("%s went to another worker; this attempt stops and changes nothing", item)
    except DATABASE_AWAY:
        logger.exception("the database went away under %s; its lease will end and it will be resumed", item)
        connection.close()
    return None


def _attempt(run: Run) -> Status:
    try:
        with heartbeat(run):
            get_job_type(run.job.type).handler(run)
    except CancelledRun:
        finish(run.item, Status.CANCELLED)
        return Status.CANCELLED
    except KeyboardInterrupt:
        with suppress(AlreadyFinishedError, LeaseLostError):  # its last step may have ended it, and the job with it
            cancel_interrupted(run.job)
            finish(run.item, Status.CANCELLED)
        raise
    except OperationError as error:
        return _failed(run, error)
    except (LeaseLostError, *DATABASE_AWAY):
        raise
    except Exception as error:
        logger.exception("%s failed", run.item)
        finish(run.item, Status.FAILED, code="internal", message=f"{type(error).__name__}: {error}")
        return Status.FAILED
    if run.item.status == Status.RUNNING:  # else its last step has ended it
        finish(run.item, Status.COMPLETED, outcome=run.outcome)
    return Status.COMPLETED


def _failed(run: Run, error: OperationError) -> Status:
    if Job.objects.filter(pk=run.job.pk, cancel_requested_at__isnull=False).exists():
        finish(run.item, Status.CANCELLED, message=str(error))
        return Status.CANCELLED
    patience = timedelta(hours=settings.JOB_PATIENCE_HOURS)
    if error.blocks == Blocks.HOST and timezone.now() - run.job.created_at < patience:
        release(run.item, error)  # not the target's fault: it waits for the host, however often
        return Status.PENDING
    if error.transient and run.item.failures + 1 < MAX_TRIES:
        release(run.item, error)
        return Status.PENDING
    finish(run.item, Status.FAILED, code=error.code, message=str(error))
    return Status.FAILED
