"""What is known of the fleets' databases, and what was done to them."""

from dbadmin.models.alert import Alert
from dbadmin.models.change import DatabaseChange, DatabaseChangeQuerySet, Outcome, What
from dbadmin.models.lists import SavedList
from dbadmin.models.record import DatabaseRecord, DatabaseRecordQuerySet, Health

__all__ = [
    "Alert",
    "DatabaseChange",
    "DatabaseChangeQuerySet",
    "DatabaseRecord",
    "DatabaseRecordQuerySet",
    "Health",
    "Outcome",
    "SavedList",
    "What",
]
