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
from dbadmin.pages.changes import acknowledge_alert, carry_out_plan, change, scan
from dbadmin.pages.detail import confirm_rollback, database
from dbadmin.pages.diff import diff
from dbadmin.pages.jobs import job_page
from dbadmin.pages.listing import listing
from dbadmin.pages.lists import save_list, saved_lists
from dbadmin.pages.overview import fleet_overview
from nisam.lib import converters  # noqa: F401 - registers <key:…>

_BASE = "api/admin/databases"
_ONE = f"{_BASE}/<key:database_id>"
_FLEET = "admin/databases/<key:fleet_name>"
_DATABASE = f"{_FLEET}/database/<key:database_id>"

urlpatterns = [
    path("admin/databases/", fleet_overview, name="fleets"),
    path(f"{_FLEET}/", fleet_overview, name="fleet_overview"),
    path(f"{_FLEET}/list/", listing, name="fleet_list"),
    path(f"{_FLEET}/lists/", saved_lists, name="fleet_lists"),
    path(f"{_FLEET}/lists/save/", save_list, name="fleet_save_list"),
    path(f"{_FLEET}/scan/", scan, name="fleet_scan"),
    path(f"{_FLEET}/change/", change, name="fleet_change"),
    path(f"{_FLEET}/jobs/<uuid:job_id>/", job_page, name="fleet_job"),
    path(f"{_FLEET}/jobs/<uuid:job_id>/carry-out/", carry_out_plan, name="fleet_carry_out"),
    path(f"{_FLEET}/alerts/<uuid:alert_id>/acknowledge/", acknowledge_alert, name="fleet_acknowledge"),
    path(f"{_DATABASE}/", database, name="fleet_database"),
    path(f"{_DATABASE}/rollback/", confirm_rollback, name="fleet_rollback"),
    path(f"{_DATABASE}/diff/", diff, name="fleet_diff"),
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
