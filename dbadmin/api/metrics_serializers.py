"""Figures as JSON."""

from typing import Any

from rest_framework import serializers


class SizeSerializer(serializers.Serializer[Any]):
    """Databases of a range of sizes; the last has no end."""

    fromBytes = serializers.IntegerField()
    toBytes = serializers.IntegerField(allow_null=True)
    databases = serializers.IntegerField()


class SuccessSerializer(serializers.Serializer[Any]):
    """The changes of a day; `rate` from 0 to 1."""

    day = serializers.DateField()
    changed = serializers.IntegerField()
    failed = serializers.IntegerField()
    rate = serializers.FloatField()


class VersionSerializer(serializers.Serializer[Any]):
    """How many databases came to a version on a day."""

    day = serializers.DateField()
    version = serializers.IntegerField()
    databases = serializers.IntegerField()


class DurationsSerializer(serializers.Serializer[Any]):
    """Of the latest changes; null where there was none."""

    p50Ms = serializers.IntegerField(allow_null=True)
    p95Ms = serializers.IntegerField(allow_null=True)
    maxMs = serializers.IntegerField(allow_null=True)


class FailingSerializer(serializers.Serializer[Any]):
    """A database and how often it could not be changed."""

    databaseId = serializers.CharField()
    failures = serializers.IntegerField()


class MetricsSerializer(serializers.Serializer[Any]):
    """Figures about a fleet over a period."""

    sizes = SizeSerializer(many=True)
    success = SuccessSerializer(many=True)
    versions = VersionSerializer(many=True)
    durations = DurationsSerializer()
    mostFailing = FailingSerializer(many=True)
