"""A row for each database of a fleet: how it was when it was last looked at."""

from typing import Any, Self

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Cast, Left

from dbadmin.states import Status
from nisam.freshness.models import EVERY_FIELD, FreshModel, FreshQuerySet, Group


class Health(models.TextChoices):
    """What lists are filtered by and the status page counts: the statuses, and three marks that stand beside them."""

    CURRENT = "current"
    OUTDATED = "outdated"
    INCOMPLETE = "incomplete"
    UNVERSIONED = "unversioned"
    UNKNOWN_VERSION = "unknown_version"
    CORRUPT = "corrupt"
    UNREADABLE = "unreadable"
    DRIFTED = "drifted"
    FAILED = "failed"
    MISSING = "missing"


STATUSES = [(status.value, status.value) for status in Status]


class DatabaseRecordQuerySet(FreshQuerySet["DatabaseRecord"]):
    """Questions about many databases; writes make the fleets' status new."""

    def of(self, fleet: str) -> Self:
        """The databases of one fleet, those included whose file is gone."""
        return self.filter(fleet=fleet)

    def present(self) -> Self:
        """Databases whose file was there at the last scan."""
        return self.filter(missing_since=None)

    def locked(self) -> Self:
        """Locked until the transaction ends, in the order in which every writer of many rows locks them."""
        return self.order_by("database_id").select_for_update(no_key=True)

    def with_health(self, health: str) -> Self:
        """Databases of one `Health`; of the statuses only those whose file is there."""
        marks = {
            Health.DRIFTED: Q(is_drifted=True, missing_since=None),
            Health.FAILED: Q(error_code__gt="", missing_since=None),
            Health.MISSING: Q(missing_since__isnull=False),
        }
        return self.filter(marks.get(Health(health), Q(status=health, missing_since=None)))

    def with_flag(self, flag: str) -> Self:
        """Databases with one of the flags; compared as text, which both database servers can do."""
        return self.annotate(flags_text=Cast("flags", models.TextField())).filter(flags_text__contains=f'"{flag}"')

    def with_prefix(self, prefix: str) -> Self:
        """Databases whose id begins with this; none of them sorts before it, so that an index begins there."""
        found = self.filter(database_id__gte=prefix)
        if connection.vendor == "sqlite":  # whose LIKE takes ab for AB
            return found.alias(beginning=Left("database_id", len(prefix))).filter(beginning=prefix)
        return found.filter(database_id__startswith=prefix)


class DatabaseRecord(FreshModel):
    """One file of a fleet as it was last read. The scan and every change write it; nobody else does."""

    shown_in = {Group.DATABASES: EVERY_FIELD}

    fleet = models.CharField(max_length=40)
    database_id = models.CharField(max_length=255)
    shard = models.CharField(max_length=100, help_text="The folder below the fleet's root.")
    status = models.CharField(max_length=16, choices=STATUSES)
    flags: "models.JSONField[Any, Any]" = models.JSONField(default=list, blank=True)
    is_drifted = models.BooleanField(default=False, help_text="The flag that lists are filtered by.")
    version = models.BigIntegerField(null=True, blank=True, help_text="The declared version.")
    matches_version = models.IntegerField(null=True, blank=True, help_text="The version that has its fingerprint.")
    fingerprint = models.CharField(max_length=64, blank=True)
    tables: "models.JSONField[Any, Any]" = models.JSONField(default=list, blank=True)
    findings: "models.JSONField[Any, Any]" = models.JSONField(default=list, blank=True)
    size = models.BigIntegerField(default=0, help_text="Bytes of the file.")
    wal_size = models.BigIntegerField(default=0, help_text="Bytes of its write-ahead log.")
    signature = models.CharField(
        max_length=200, blank=True, help_text="What the file system said of the file; empty: it is to be read again."
    )
    examiner = models.CharField(max_length=120, blank=True, help_text="Registry, scanner and SQLite that read it.")
    scanned_at = models.DateTimeField(help_text="When it was last read.")
    deep_checked_at = models.DateTimeField(null=True, blank=True)
    plan_class = models.CharField(max_length=64, blank=True, help_text="What it needs, by the latest dry run.")
    error_code = models.CharField(max_length=40, blank=True, help_text="Of the last change, if that failed.")
    error_message = models.TextField(blank=True)
    missing_since = models.DateTimeField(null=True, blank=True)

    objects = DatabaseRecordQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ("fleet", "database_id")
        constraints = [
            # One row per file, however many scans write it; lists in the order of the ids.
            models.UniqueConstraint(fields=["fleet", "database_id"], name="databaserecord_id")
        ]
        indexes = [
            # The list of one status, page by page.
            models.Index(fields=["fleet", "status", "database_id", "id"], name="databaserecord_status"),
            # The list of one version, page by page.
            models.Index(fields=["fleet", "version", "database_id", "id"], name="databaserecord_version"),
            # The largest first.
            models.Index(fields=["fleet", "size", "id"], name="databaserecord_size"),
            # Those that were read longest ago first.
            models.Index(fields=["fleet", "scanned_at", "id"], name="databaserecord_scanned"),
            # The ids that begin with what somebody types: LIKE, in whatever language the server sorts.
            models.Index(
                fields=["fleet", "database_id"],
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops"],
                name="databaserecord_search",
            ),
            # What a scan compares a folder with.
            models.Index(fields=["fleet", "shard"], name="databaserecord_shard"),
            # The lists of what is rare, page by page.
            models.Index(
                fields=["fleet", "database_id", "id"], condition=Q(is_drifted=True), name="databaserecord_drifted"
            ),
            models.Index(
                fields=["fleet", "database_id", "id"], condition=Q(error_code__gt=""), name="databaserecord_failed"
            ),
            models.Index(
                fields=["fleet", "database_id", "id"],
                condition=Q(missing_since__isnull=False),
                name="databaserecord_missing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fleet}/{self.database_id}"
