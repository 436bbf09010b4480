"""What was done to a database, or is to be: the rows of a batch are its work list and, afterwards, the history."""

from typing import Any, Self

from django.db import models
from django.utils import timezone

from dbadmin.models.record import DatabaseRecord


class What(models.TextChoices):
    """The kinds of changes."""

    REPAIR = "repair"
    MIGRATE = "migrate"
    ROLLBACK = "rollback"
    SALVAGE = "salvage"


class Outcome(models.TextChoices):
    """What came of a change. A pending one is still to be worked on; of a cancelled one nothing was written down."""

    PENDING = "pending"
    PLANNED = "planned"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DatabaseChangeQuerySet(models.QuerySet["DatabaseChange"]):
    """Questions about many changes."""

    def of_batch(self, job_id: Any, batch: int) -> Self:
        """The work list of one item of a job, in the order in which it is worked off."""
        return self.filter(job_id=job_id, batch=batch).order_by("id")

    def failed(self) -> Self:
        """Those that were not made, or could not be planned."""
        return self.filter(outcome=Outcome.FAILED)

    def blocked(self) -> Self:
        """Plans that cannot be carried out."""
        return self.filter(outcome=Outcome.PLANNED).exclude(report__blocked={})

    def destructive(self) -> Self:
        """Plans that would lose something."""
        return self.filter(outcome=Outcome.PLANNED).exclude(report__losses={})

    def history(self) -> Self:
        """What has happened, the latest first."""
        return self.exclude(outcome=Outcome.PENDING).order_by("-finished_at", "-id")


class DatabaseChange(models.Model):
    """One change of one database. It outlives its job, whose id is kept."""

    record = models.ForeignKey(DatabaseRecord, models.CASCADE, related_name="changes", db_index=False)
    job_id = models.UUIDField(null=True, blank=True)
    batch = models.PositiveIntegerField(default=0)
    what = models.CharField(max_length=10, choices=What)
    is_dry_run = models.BooleanField(default=False, help_text="It was only planned.")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PENDING)
    from_version = models.BigIntegerField(null=True, blank=True)
    to_version = models.BigIntegerField(null=True, blank=True)
    plan_hash = models.CharField(max_length=64, blank=True, help_text="Binds the actions and what would be lost.")
    plan_class = models.CharField(max_length=64, blank=True, help_text="Binds the actions alone.")
    snapshot = models.CharField(max_length=200, blank=True, help_text="Of the file before the change.")
    seconds = models.FloatField(null=True, blank=True)
    report: "models.JSONField[Any, Any]" = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)

    objects = DatabaseChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            # A database's history, and its latest dry run.
            models.Index(fields=["record", "finished_at", "id"], name="databasechange_history"),
            # The work list of one item of a job.
            models.Index(fields=["job_id", "batch", "id"], name="databasechange_batch"),
            # What the metrics count over a period.
            models.Index(fields=["finished_at"], name="databasechange_period"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.record_id}: {self.outcome}"
