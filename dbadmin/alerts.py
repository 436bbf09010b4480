"""Raising alerts and taking them back."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils import timezone

from dbadmin.examine import Summary
from dbadmin.models import Alert, DatabaseRecord
from dbadmin.models.alert import Kind
from dbadmin.states import Status


def alert_of_drift(found: Iterable[tuple[int, str, Summary]], known: Mapping[str, DatabaseRecord]) -> None:
    """Alert of databases that were well and are not, or are damaged; close the alerts of those that are well again.

    `found` are primary keys, ids and what was found; `known` the rows from before, by the databases' ids. A database
    that is new and lacks something is what a repair is for, not an alert.
    """
    raised, well = [], []
    for key, database_id, summary in found:
        before = known.get(database_id)
        if summary.status == Status.CORRUPT or (summary.is_drifted and before and not before.is_drifted):
            raised.append(Alert(record_id=key, kind=Kind.DRIFT, message=_words(database_id, summary)))
        elif before and (before.is_drifted or before.status == Status.CORRUPT) and not summary.is_drifted:
            well.append(key)
    if raised:
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


def _words(database_id: str, found: Summary) -> str:
    reason = found.findings[0] if found.findings else "Its schema is not its version's."
    return f"{database_id} is {found.status}: {reason}"
