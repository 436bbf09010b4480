"""Addresses of the dbadmin app."""

from django.urls import path

from dbadmin.api.alerts import AlertAcknowledge, AlertList
from dbadmin.api.changes import Migrate, MigrateOne, Repair, RepairOne, RollbackOne, SalvageOne, Scan
from dbadmin.api.detail import DatabaseDetail, DatabaseDiff, DatabaseSchema
from dbadmin.api.listing import DatabaseList
from dbadmin.api.lists import SavedListExport, SavedLists
from dbadmin.api.metrics import Metrics
from dbadmin.api.snapshots import DatabaseSnapshots
from dbadmin.api.status import FleetStatus
from nisam.lib import converters  # noqa: F401 - registers <key:…>

_BASE = "api/admin/databases"
_ONE = f"{_BASE}/<key:database_id>"

urlpatterns = [
    path(f"{_BASE}/status", FleetStatus.as_view()),
    path(f"{_BASE}/list", DatabaseList.as_view()),
    path(f"{_BASE}/metrics", Metrics.as_view()),
    path(f"{_BASE}/alerts", AlertList.as_view()),
    path(f"{_BASE}/alerts/<uuid:alert_id>/acknowledge", AlertAcknowledge.as_view()),
    path(f"{_BASE}/lists", SavedLists.as_view()),
    path(f"{_BASE}/lists/<uuid:list_id>/export", SavedListExport.as_view()),
    path(f"{_BASE}/scan", Scan.as_view()),
    path(f"{_BASE}/repair", Repair.as_view()),
    path(f"{_BASE}/migrate", Migrate.as_view()),
    path(_ONE, DatabaseDetail.as_view()),
    path(f"{_ONE}/schema", DatabaseSchema.as_view()),
    path(f"{_ONE}/diff", DatabaseDiff.as_view()),
    path(f"{_ONE}/snapshots", DatabaseSnapshots.as_view()),
    path(f"{_ONE}/repair", RepairOne.as_view()),
    path(f"{_ONE}/migrate", MigrateOne.as_view()),
    path(f"{_ONE}/rollback", RollbackOne.as_view()),
    path(f"{_ONE}/salvage", SalvageOne.as_view()),
]
