"""One database as JSON, in detail."""

from typing import Any

from rest_framework import serializers

from dbadmin.models import DatabaseChange, DatabaseRecord
from dbadmin.serializers import DatabaseSerializer
from nisam.lib.rendering import ReadSerializer

# The latest of a history.
SHOWN = 50


class ChangeSerializer(ReadSerializer[DatabaseChange]):
    """What was done to a database."""

    jobId = serializers.UUIDField(source="job_id", allow_null=True)
    fromVersion = serializers.IntegerField(source="from_version", allow_null=True)
    toVersion = serializers.IntegerField(source="to_version", allow_null=True)
    dryRun = serializers.BooleanField(source="is_dry_run")
    planHash = serializers.CharField(source="plan_hash")
    planClass = serializers.CharField(source="plan_class")
    finishedAt = serializers.DateTimeField(source="finished_at", allow_null=True)
    durationMs = serializers.SerializerMethodField()
    report = serializers.DictField()
    errorCode = serializers.CharField(source="error_code")
    errorMessage = serializers.CharField(source="error_message")

    class Meta:
        model = DatabaseChange
        fields: Any = (
            "jobId", "what", "dryRun", "outcome", "fromVersion", "toVersion", "planHash", "planClass", "snapshot",
            "finishedAt", "durationMs", "report", "errorCode", "errorMessage",
        )  # fmt: skip

    def get_durationMs(self, change: DatabaseChange) -> int | None:  # noqa: N802 - the API's name
        """Milliseconds the change took."""
        return None if change.seconds is None else int(change.seconds * 1000)


class DatabaseDetailSerializer(DatabaseSerializer):
    """A database with what was done to it, the latest first."""

    history = serializers.SerializerMethodField()

    class Meta(DatabaseSerializer.Meta):
        fields = (*DatabaseSerializer.Meta.fields, "history")

    def get_history(self, record: DatabaseRecord) -> list[dict[str, Any]]:
        """The latest fifty changes."""
        return ChangeSerializer(record.changes.history()[:SHOWN], many=True).data  # type: ignore[return-value]


class ColumnSerializer(serializers.Serializer[Any]):
    """A column of a table."""

    name = serializers.CharField()
    type = serializers.CharField()
    notNull = serializers.BooleanField()
    default = serializers.CharField(allow_null=True)
    primaryKey = serializers.IntegerField(help_text="Its place in the key from 1; 0: not in it.")


class TableSerializer(serializers.Serializer[Any]):
    """A table; `module` of an ordinary one is empty."""

    name = serializers.CharField()
    module = serializers.CharField()
    columns = ColumnSerializer(many=True)
    sql = serializers.CharField()


class IndexSerializer(serializers.Serializer[Any]):
    """An index."""

    name = serializers.CharField()
    table = serializers.CharField()
    unique = serializers.BooleanField()
    parts = serializers.ListField(child=serializers.CharField())
    where = serializers.CharField()
    sql = serializers.CharField()


class ViewSerializer(serializers.Serializer[Any]):
    """A view."""

    name = serializers.CharField()
    sql = serializers.CharField()


class TriggerSerializer(ViewSerializer):
    """A trigger."""

    table = serializers.CharField()


class SchemaSerializer(serializers.Serializer[Any]):
    """What a database's file has."""

    id = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    checksum = serializers.CharField()
    tables = TableSerializer(many=True)
    indexes = IndexSerializer(many=True)
    triggers = TriggerSerializer(many=True)
    views = ViewSerializer(many=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """One thing that differs."""

    kind = serializers.ChoiceField(["missing", "extra", "changed"])
    type = serializers.CharField()
    table = serializers.CharField()
    name = serializers.CharField()
    sentence = serializers.CharField()
    actual = serializers.CharField()
    expected = serializers.CharField()
    actualSql = serializers.CharField()
    expectedSql = serializers.CharField()


class DifferencesSerializer(serializers.Serializer[Any]):
    """How a database differs from a version or, with `against`, from another database."""

    version = serializers.IntegerField(allow_null=True)
    against = serializers.CharField(allow_null=True)
    checksum = serializers.CharField()
    differences = DifferenceSerializer(many=True)
