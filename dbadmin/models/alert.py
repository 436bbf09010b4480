"""What somebody should look at."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from dbadmin.models.record import DatabaseRecord


class Kind(models.TextChoices):
    """What an alert is about."""

    DRIFT = "drift"
    FAILURE = "failure"


class Alert(models.Model):
    """A database that drifted, is damaged, or could not be changed; open until somebody acknowledges it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(DatabaseRecord, models.CASCADE, related_name="alerts", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    message = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            # The same trouble, seen by every scan, is one alert.
            models.UniqueConstraint(
                fields=["record", "kind"], condition=Q(acknowledged_at=None), name="alert_one_open_per_kind"
            )
        ]
        indexes = [
            # The open ones, the latest first.
            models.Index(fields=["created_at", "id"], condition=Q(acknowledged_at=None), name="alert_open"),
            # A database's own.
            models.Index(fields=["record"], name="alert_record"),
        ]

    def __str__(self) -> str:
        return self.message
