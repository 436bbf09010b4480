"""Addresses of the dbadmin app."""

from django.urls import path

from dbadmin.api.detail import DatabaseDetail, DatabaseDiff, DatabaseSchema
from dbadmin.api.listing import DatabaseList
from dbadmin.api.status import FleetStatus
from nisam.lib import converters  # noqa: F401 - registers <key:…>

_BASE = "api/admin/databases"

urlpatterns = [
    path(f"{_BASE}/status", FleetStatus.as_view()),
    path(f"{_BASE}/list", DatabaseList.as_view()),
    path(f"{_BASE}/<key:database_id>", DatabaseDetail.as_view()),
    path(f"{_BASE}/<key:database_id>/schema", DatabaseSchema.as_view()),
    path(f"{_BASE}/<key:database_id>/diff", DatabaseDiff.as_view()),
]
