"""Jobs, their items and their log. A job's rows are the truth about it; the broker only wakes workers."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

# An item whose worker died this often is failed as `lost`; a passing error is tried again this often.
MAX_LOSSES = 3
LOST = "lost"
MAX_TRIES = 5


class Status(models.TextChoices):
    """The states of a job and of an item. `TRANSITIONS` says which follow which."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (Status.PENDING, Status.RUNNING)
FINISHED = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)
# An item goes back from running to pending when its lease ends or a temporary error asks for a later try.
TRANSITIONS = {
    Status.PENDING: (Status.RUNNING, Status.CANCELLED),
    Status.RUNNING: (*FINISHED, Status.PENDING),
    Status.COMPLETED: (),
    Status.FAILED: (),
    Status.CANCELLED: (),
}


class Counters(models.Model):
    """What a scrape counts, per item and summed per job."""

    found = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0, help_text="Asked of other hosts.")
    bytes_received = models.PositiveBigIntegerField(default=0)

    class Meta:
        abstract = True


class JobQuerySet(models.QuerySet["Job"]):
    """Questions about many jobs."""

    def active(self) -> Self:
        """Jobs that wait or run."""
        return self.filter(status__in=ACTIVE)

    def with_first_target(self) -> Self:
        """Adds `first_target`: the name of a job's first target."""
        first = JobItem.objects.filter(job=OuterRef("pk")).order_by("position").values("target_name")[:1]
        return self.annotate(first_target=Subquery(first))

    def about(self, words: str) -> Self:
        """Jobs one of whose targets, or who asked for them, is called so in part."""
        named = JobItem.objects.filter(job=OuterRef("pk"), target_name__icontains=words)
        return self.filter(Q(requested_by__icontains=words) | Exists(named))

    def newest_active(self) -> "Job | None":
        """The job that is worked on now: the newest that runs, else the newest that waits."""
        return self.active().order_by("-status", "-created_at", "-id").first()  # running comes after pending

    def finished_before(self, moment: datetime) -> Self:
        """Jobs that ended before `moment`; never one that still runs."""
        return self.filter(status__in=FINISHED, completed_at__lt=moment)


class Job(Counters):
    """A unit of background work: some items of one type, asked for by somebody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    requested_by = models.CharField(max_length=150)
    options = models.JSONField(default=dict, blank=True)
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="retries")
    attempt = models.PositiveSmallIntegerField(default=1)
    total_items = models.PositiveIntegerField(default=0)
    succeeded_items = models.PositiveIntegerField(default=0)
    failed_items = models.PositiveIntegerField(default=0)
    cancelled_items = models.PositiveIntegerField(default=0)
    total_channels = models.PositiveIntegerField(default=0)
    processed_channels = models.PositiveIntegerField(default=0, help_text="Those all of whose items have ended.")
    current_name = models.CharField(max_length=300, blank=True)
    last_sequence = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [
            # The history, newest first; of one status, of one type.
            models.Index(fields=["created_at", "id"], name="job_history"),
            models.Index(fields=["status", "created_at", "id"], name="job_by_status"),
            models.Index(fields=["type", "created_at", "id"], name="job_by_type"),
            # The jobs that run now; the reaper's and the dashboard's question.
            models.Index(fields=["created_at"], condition=Q(status__in=ACTIVE), name="job_active"),
            # What is old enough to be pruned.
            models.Index(fields=["completed_at"], condition=Q(status__in=FINISHED), name="job_prunable"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    def headline(self, first_target: str | None) -> str:
        """What it works on, in words; its first target's name comes from `with_first_target`."""
        more = f" and {self.total_items - 1} more" if self.total_items > 1 else ""
        return f"{first_target or self}{more}"

    @property
    def processed_items(self) -> int:
        """Items that have ended, in whatever way."""
        return self.succeeded_items + self.failed_items + self.cancelled_items

    @property
    def progress(self) -> int:
        """Percent of the items that have ended, 0 to 100."""
        if self.status in FINISHED:
            return 100
        return self.processed_items * 100 // self.total_items if self.total_items else 0

    @property
    def duration(self) -> timedelta | None:
        """From the first claim to the end, or to now while it runs."""
        return (self.completed_at or timezone.now()) - self.started_at if self.started_at else None


def claimable_at(now: datetime) -> dict[str, Any]:
    """What the row of an item must say that may be taken at this time."""
    return {"status": Status.PENDING, "available_at__lte": now}


class JobItemQuerySet(models.QuerySet["JobItem"]):
    """Questions about many items, and the conditional updates that settle races."""

    def active(self) -> Self:
        """Items that wait or run."""
        return self.filter(status__in=ACTIVE)

    def claimable(self, now: datetime) -> Self:
        """Pending items whose time has come."""
        return self.filter(**claimable_at(now))

    def expired(self, now: datetime) -> Self:
        """Running items whose worker has not renewed its lease."""
        return self.filter(status=Status.RUNNING, lease_expires_at__lt=now)

    def held_by(self, item: "JobItem") -> Self:
        """The row of `item` while this attempt still owns it."""
        return self.filter(**item.held)

    def for_targets(self, targets: Iterable[str]) -> Self:
        """Items of these targets."""
        return self.filter(target__in=list(targets))


class JobItem(Counters):
    """One target of a job, worked on by at most one worker at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    target = models.CharField(max_length=200, help_text="What is worked on, as kind:id.")
    target_name = models.CharField(max_length=300)
    # What the log is told apart by; no key, because channels are an app above, and their names as they were then.
    channel_id = models.UUIDField(null=True, blank=True)
    channel_name = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempt = models.PositiveIntegerField(default=0, help_text="Counts claims; the fence of every write.")
    losses = models.PositiveSmallIntegerField(default=0, help_text="Attempts whose worker died.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Attempts that met a passing error.")
    worker = models.CharField(max_length=200, blank=True)
    task_id = models.CharField(max_length=64, blank=True)
    available_at = models.DateTimeField(default=timezone.now)
    woken_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0, help_text="Entries or files whose step is committed.")
    ahead = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Those that the running attempt has in hand besides."
    )
    cursor = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)

    objects = JobItemQuerySet.as_manager()

    class Meta:
        ordering = ("job", "position")
        constraints = [
            # A second request for a running target joins it instead of doubling the work.
            models.UniqueConstraint(
                fields=["target"], condition=Q(status__in=ACTIVE), name="jobitem_one_active_per_target"
            ),
            models.UniqueConstraint(fields=["job", "position"], name="jobitem_position"),
        ]
        indexes = [
            # What a wake-up or an idle command may claim next.
            models.Index(fields=["available_at"], condition=Q(status=Status.PENDING), name="jobitem_pending"),
            # Which of a job's items belong together: what is left of a channel, a channel's part of the log.
            models.Index(fields=["job", "channel_id"], name="jobitem_channel"),
            # What ended lately: the speed of a job, the errors and durations of each day.
            models.Index(fields=["completed_at"], condition=Q(completed_at__isnull=False), name="jobitem_ended"),
            # The errors of each day, by class.
            models.Index(fields=["completed_at"], condition=Q(status=Status.FAILED), name="jobitem_failed"),
            # What the reaper must hand out again.
            models.Index(fields=["lease_expires_at"], condition=Q(status=Status.RUNNING), name="jobitem_leased"),
        ]

    def __str__(self) -> str:
        return self.target_name or self.target

    @property
    def held(self) -> dict[str, Any]:
        """What the row must say while this attempt owns it: the fence of every write a worker makes."""
        return {"pk": self.pk, "attempt": self.attempt, "status": Status.RUNNING}

    @property
    def target_id(self) -> str:
        """The id part of the target."""
        return self.target.partition(":")[2]

    @property
    def duration(self) -> timedelta | None:
        """From the last claim to the end, or to now while it runs."""
        return (self.completed_at or timezone.now()) - self.started_at if self.started_at else None


class Level(models.TextChoices):
    """How much an event matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class JobEventQuerySet(models.QuerySet["JobEvent"]):
    """Questions about many lines of logs."""

    def with_channel(self) -> Self:
        """Adds `channel_id` and `channel_name` (None and "" for lines that belong to no channel), in order."""
        name = Coalesce(F("item__channel_name"), Value(""))
        return self.annotate(channel_id=F("item__channel_id"), channel_name=name).order_by("sequence")


class JobEvent(models.Model):
    """One line of a job's log. `sequence` has no gaps, and its order is the order of the commits."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    # No constraint and no index in the database: events only ever go with their job, found by its own key.
    item = models.ForeignKey(
        JobItem, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    sequence = models.PositiveBigIntegerField()
    time = models.DateTimeField(default=timezone.now)
    level = models.CharField(max_length=7, choices=Level, default=Level.INFO)
    name = models.CharField(max_length=40)
    message = models.TextField(blank=True)
    data: "models.JSONField[Any, Any]" = models.JSONField(default=dict, blank=True)

    objects = JobEventQuerySet.as_manager()

    class Meta:
        ordering = ("job", "sequence")
        constraints = [models.UniqueConstraint(fields=["job", "sequence"], name="jobevent_sequence")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.name} {self.message}".rstrip()
