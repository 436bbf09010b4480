"""Starting a job, or joining the one that already works on the same targets."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from nisam.jobs.broker import wake
from nisam.jobs.events import Event, locked_sequence, record
from nisam.jobs.models import FINISHED, Job, JobItem, Level, Status
from nisam.jobs.registry import get_job_type
from nisam.lib.errors import OperationError

# A large job's first items are woken at once, the reaper wakes the rest within seconds.
WAKE_AT_ONCE = 100


class NothingToDoError(OperationError):
    """A job was asked for with no target at all."""

    code = "nothing_to_do"
    permanent = True


class NotFinishedError(OperationError):
    """Something was asked for that has to wait until the job has ended."""

    code = "job_running"
    permanent = True


@dataclass(frozen=True)
class Target:
    """What an item works on: a stable key (kind:id), a name for people, and the channel it belongs to, if to any."""

    key: str
    name: str
    channel_id: uuid.UUID | None = None
    channel_name: str = ""


@dataclass(frozen=True)
class Started:
    """The job that now works on the targets: a new one, or (`created` false) the one that already did."""

    job: Job
    created: bool


class _AllActiveError(Exception):
    """Every target has an active item already; rolls the new job back."""


def start(
    type_name: str,
    targets: Sequence[Target],
    *,
    requested_by: str,
    options: dict[str, Any] | None = None,
    retry_of: Job | None = None,
    wake_workers: bool = True,
) -> Started:
    """Create a job with one item per target and wake the workers after commit.

    Targets that an unfinished job already works on are left to it; when that is all of them no job is made
    and the other job is returned. Raises NothingToDoError and UnknownJobTypeError.
    """
    get_job_type(type_name)
    if not targets:
        raise NothingToDoError("There is nothing to do: no target was given.")
    while True:
        try:
            return _create(type_name, targets, requested_by, options or {}, retry_of, wake_workers=wake_workers)
        except _AllActiveError:
            active = JobItem.objects.active().for_targets(target.key for target in targets).first()
            if active:  # else it ended between the two looks: try again
                return Started(active.job, created=False)


def _create(
    type_name: str,
    targets: Sequence[Target],
    requested_by: str,
    options: dict[str, Any],
    retry_of: Job | None,
    *,
    wake_workers: bool,
) -> Started:
    with transaction.atomic():
        job = Job.objects.create(
            type=type_name,
            requested_by=requested_by,
            options=options,
            retry_of=retry_of,
            attempt=retry_of.attempt + 1 if retry_of else 1,
        )
        items = _insert_items(job.pk, targets, first_position=0)
        if not items:
            raise _AllActiveError
        message = f"{type_name} of {len(items)} target{'s' if len(items) != 1 else ''}, asked for by {requested_by}"
        if skipped := len(targets) - len(items):
            message += f"; {skipped} left to the jobs that already work on them"
        channels = {item.channel_id for item in items} - {None}
        record(job.pk, None, [Event("log", message)], total_items=len(items), total_channels=len(channels))
        if wake_workers:
            transaction.on_commit(partial(wake, items[:WAKE_AT_ONCE]))
    job.refresh_from_db()
    return Started(job, created=True)


def _insert_items(job_id: uuid.UUID, targets: Sequence[Target], *, first_position: int) -> list[JobItem]:
    """Insert the items whose targets are free. Sorted, so that two jobs never wait for each other in a circle."""
    unique = {target.key: target for target in targets}
    JobItem.objects.bulk_create(
        (
            JobItem(
                job_id=job_id,
                position=first_position + offset,
                target=key,
                target_name=unique[key].name[:300],
                channel_id=unique[key].channel_id,
                channel_name=unique[key].channel_name[:300],
            )
            for offset, key in enumerate(sorted(unique))
        ),
        ignore_conflicts=True,
    )
    rows = JobItem.objects.filter(job_id=job_id, position__gte=first_position)
    return list(rows.select_related("job").order_by("position"))


def add_targets(job: Job, targets: Sequence[Target]) -> None:
    """Let a running job work on more targets. Must run in the transaction of a step, after its fence."""
    locked_sequence(job.pk, 0)  # takes the job row's lock: positions are given out one at a time
    last = JobItem.objects.filter(job=job).order_by("-position").values_list("position", flat=True).first()
    channels = {target.channel_id for target in targets}
    known = set(JobItem.objects.filter(job=job, channel_id__in=channels).values_list("channel_id", flat=True))
    items = _insert_items(job.pk, targets, first_position=0 if last is None else last + 1)
    new = {item.channel_id for item in items} - known - {None}
    Job.objects.filter(pk=job.pk).update(
        total_items=F("total_items") + len(items), total_channels=F("total_channels") + len(new)
    )
    transaction.on_commit(partial(wake, items[:WAKE_AT_ONCE]))


def retry(job: Job, *, requested_by: str) -> Started:
    """A new job of the failed items of a finished one. Raises NotFinishedError and NothingToDoError."""
    if job.status not in FINISHED:
        raise NotFinishedError(f"The job is still {job.status}; cancel it or wait for its end before a retry.")
    failed = job.items.filter(status=Status.FAILED)
    targets = [Target(item.target, item.target_name, item.channel_id, item.channel_name) for item in failed]
    if not targets:
        raise NothingToDoError("Nothing failed in this job, so there is nothing to retry.")
    started = start(job.type, targets, requested_by=requested_by, options=job.options, retry_of=job)
    if (started.job.type, started.job.options) != (job.type, job.options):
        raise NotFinishedError(f"Job {started.job.pk} does something else there: wait for its end before a retry.")
    with transaction.atomic():
        record(job.pk, None, [Event("log", f"retried as job {started.job.pk}", Level.INFO)])
    return started
