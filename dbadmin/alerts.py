"""Raising alerts and taking them back."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils import timezone

from dbadmin.models import Alert, DatabaseRecord
from dbadmin.models.alert import Kind
from dbadmin.states import Status


def alert_of_drift(
    rows: Iterable[DatabaseRecord], known: Mapping[str, DatabaseRecord], keys: Mapping[str, int]
) -> None:
    """Alert of databases that were well and are not, or are damaged; close the alerts of those that are well again.

    `known` are the rows from before and `keys` the primary keys, both by the databases' ids. A database that is new and
    lacks something is what a repair is for, not an alert.
    """
    raised, well = [], []
    for row in rows:
        before = known.get(row.database_id)
        key = keys[row.database_id]
        if row.status == Status.CORRUPT or (row.is_drifted and before and not before.is_drifted):
            raised.append(Alert(record_id=key, kind=Kind.DRIFT, message=_words(row)))
        elif before and (before.is_drifted or before.status == Status.CORRUPT) and not row.is_drifted:
            well.append(key)
    Alert.objects.bulk_create(raised, ignore_conflicts=True)
    close(well, Kind.DRIFT, by="seen to be well")


def alert_of_failure(key: int, message: str) -> None:
    """Alert of a change that failed."""
    Alert.objects.bulk_create([Alert(record_id=key, kind=Kind.FAILURE, message=message)], ignore_conflicts=True)


def acknowledge(alert_id: UUID, *, by: str) -> None:
    """Note who has seen an alert; one that is acknowledged already stays as it is."""
    Alert.objects.filter(pk=alert_id, acknowledged_at=None).update(acknowledged_at=timezone.now(), acknowledged_by=by)


def close(keys: Iterable[int], kind: Kind, *, by: str) -> None:
    """Acknowledge the open alerts of these databases."""
    if keys := list(keys):
        opened = Alert.objects.filter(record_id__in=keys, kind=kind, acknowledged_at=None)
        opened.update(acknowledged_at=timezone.now(), acknowledged_by=by)


def _words(row: DatabaseRecord) -> str:
    reason = row.findings[0] if row.findings else "Its schema is not its version's."
    return f"{row.database_id} is {row.status}: {reason}"
