"""The snapshots of one database."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dbadmin.api.fleet import FLEET, find_record, fleet_of
from dbadmin.change.snapshots import Snapshot, Snapshots
from nisam.lib.staff import StaffView


class SnapshotSerializer(serializers.Serializer[Any]):
    """A copy made before a change."""

    id = serializers.CharField()
    takenAt = serializers.DateTimeField()  # noqa: N815 - the API's name
    sizeBytes = serializers.IntegerField()  # noqa: N815
    version = serializers.IntegerField(allow_null=True)
    fingerprint = serializers.CharField()


class DatabaseSnapshots(StaffView):
    """GET /api/admin/databases/{id}/snapshots."""

    parameters = ("fleet",)

    @extend_schema(parameters=[FLEET], responses=SnapshotSerializer(many=True))
    def get(self, request: Request, database_id: str) -> Response:
        """Its snapshots, the newest first."""
        fleet = fleet_of(request)
        record = find_record(fleet, database_id)
        found = Snapshots(fleet.snapshots_folder).of(record.database_id)
        return Response([snapshot_data(snapshot) for snapshot in found])


def snapshot_data(snapshot: Snapshot) -> dict[str, Any]:
    """In the API's names."""
    return {
        "id": snapshot.id,
        "takenAt": snapshot.taken_at,
        "sizeBytes": snapshot.size,
        "version": snapshot.version,
        "fingerprint": snapshot.fingerprint,
    }
