"""Selections of databases that somebody keeps."""

import uuid

from django.db import models
from django.utils import timezone

from dbadmin.models.record import DatabaseRecord


class SavedList(models.Model):
    """A named selection of a fleet's databases."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    fleet = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    databases = models.ManyToManyField(DatabaseRecord, related_name="lists")

    class Meta:
        ordering = ("fleet", "name")
        constraints = [
            # Two lists of one name could not be told apart.
            models.UniqueConstraint(fields=["fleet", "name"], name="savedlist_name")
        ]

    def __str__(self) -> str:
        return self.name
