"""Databases as JSON."""

from typing import Any

from rest_framework import serializers

from dbadmin.models import DatabaseRecord
from nisam.lib.rendering import ReadSerializer


class DatabaseSerializer(ReadSerializer[DatabaseRecord]):
    """A database in the API's names, as it was when it was last read."""

    id = serializers.CharField(source="database_id")
    flags = serializers.SerializerMethodField()
    matchesVersion = serializers.IntegerField(source="matches_version", allow_null=True)
    tables = serializers.ListField(child=serializers.CharField())
    findings = serializers.ListField(child=serializers.CharField())
    sizeBytes = serializers.IntegerField(source="size")
    walBytes = serializers.IntegerField(source="wal_size")
    planClass = serializers.CharField(source="plan_class")
    scannedAt = serializers.DateTimeField(source="scanned_at")
    deepCheckedAt = serializers.DateTimeField(source="deep_checked_at", allow_null=True)
    missingSince = serializers.DateTimeField(source="missing_since", allow_null=True)
    errorCode = serializers.CharField(source="error_code")
    errorMessage = serializers.CharField(source="error_message")

    class Meta:
        model = DatabaseRecord
        fields: Any = (
            "id", "fleet", "status", "flags", "version", "matchesVersion", "fingerprint", "tables", "findings",
            "sizeBytes", "walBytes", "planClass", "scannedAt", "deepCheckedAt", "missingSince", "errorCode",
            "errorMessage",
        )  # fmt: skip

    def get_flags(self, record: DatabaseRecord) -> list[str]:
        """The flags, `missing` among them."""
        return [*record.flags, "missing"] if record.missing_since else list(record.flags)


class StatusSerializer(serializers.Serializer[Any]):
    """How a fleet is, as of its rows."""

    fleet = serializers.CharField()
    total = serializers.IntegerField()
    byVersion = serializers.DictField(child=serializers.IntegerField())
    health = serializers.DictField(child=serializers.IntegerField())
    totalBytes = serializers.IntegerField()
    timestamp = serializers.DateTimeField(allow_null=True)
    source = serializers.ChoiceField(["cached", "fresh", "scanning"])  # type: ignore[assignment]  # the API's name
    jobId = serializers.UUIDField(allow_null=True)
    ageSeconds = serializers.IntegerField(allow_null=True)
