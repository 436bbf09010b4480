"""Saved lists as JSON."""

from typing import Any

from rest_framework import serializers

from dbadmin.api.body_serializers import LONGEST_ID, MOST_IDS, FleetBody
from dbadmin.models import DatabaseRecord, SavedList
from nisam.lib.fields import Text
from nisam.lib.rendering import ReadSerializer


class SavedListSerializer(ReadSerializer[SavedList]):
    """A saved list."""

    databases = serializers.IntegerField(source="number")
    createdBy = serializers.CharField(source="created_by")
    createdAt = serializers.DateTimeField(source="created_at")

    class Meta:
        model = SavedList
        fields: Any = ("id", "fleet", "name", "databases", "createdBy", "createdAt")


class ImportBody(FleetBody):
    """The body of POST /api/admin/databases/lists."""

    name = Text(max_length=100)
    ids = serializers.ListField(
        child=Text(max_length=LONGEST_ID, trim_whitespace=False), min_length=1, max_length=MOST_IDS
    )


class ImportedSerializer(serializers.Serializer[Any]):
    """What a list came to."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    found = serializers.IntegerField()
    unknown = serializers.ListField(child=serializers.CharField())
    duplicate = serializers.ListField(child=serializers.CharField())


class ExportedSerializer(ReadSerializer[DatabaseRecord]):
    """A database of a list."""

    id = serializers.CharField(source="database_id")
    sizeBytes = serializers.IntegerField(source="size")
    scannedAt = serializers.DateTimeField(source="scanned_at")

    class Meta:
        model = DatabaseRecord
        fields: Any = ("id", "status", "version", "sizeBytes", "scannedAt")
