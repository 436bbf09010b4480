"""The rows that processes leave."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

# A process writes its row so often, and counts as gone when it has left out several.
SIGN_EVERY = timedelta(seconds=15)
GONE_AFTER = SIGN_EVERY * 4


class Process(models.Model):
    """A Celery worker (the parent of its processes) or a Beat, as it last told of itself."""

    class Kind(models.TextChoices):
        """What it does."""

        WORKER = "worker"
        BEAT = "beat"

    name = models.CharField(primary_key=True, max_length=255, help_text="kind host:pid")
    kind = models.CharField(max_length=6, choices=Kind)
    queues = models.JSONField(default=list, help_text="Names of the queues a worker takes from.")
    children = models.PositiveSmallIntegerField(default=0, help_text="Processes of a worker.")
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "processes"

    def __str__(self) -> str:
        return self.name
