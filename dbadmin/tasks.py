"""The Celery tasks of the dbadmin app."""

from celery import shared_task
from django.conf import settings

from dbadmin.batch.settle import forget_what_was_not_done
from dbadmin.change.snapshots import Snapshots
from dbadmin.fleets import all_fleets
from dbadmin.scan.start import start_scan


@shared_task(name="dbadmin.scan_fleets", ignore_result=True)
def scan_fleets() -> None:
    """Look for what is new or changed in every fleet."""
    for fleet in all_fleets():
        start_scan(fleet, requested_by="schedule")


@shared_task(name="dbadmin.check_fleets", ignore_result=True)
def check_fleets() -> None:
    """Check thoroughly what was not checked so for long."""
    for fleet in all_fleets():
        start_scan(fleet, requested_by="schedule", deep=True)


@shared_task(name="dbadmin.prune_snapshots", ignore_result=True)
def prune_snapshots() -> None:
    """Remove old snapshots; the latest of each database stays."""
    for fleet in all_fleets():
        days, megabytes = settings.FLEET_SNAPSHOT_DAYS, settings.FLEET_SNAPSHOT_MB
        Snapshots(fleet.snapshots_folder).prune(days, megabytes * 1024 * 1024)


@shared_task(name="dbadmin.prune_changes", ignore_result=True)
def prune_changes() -> None:
    """Settle the changes of jobs that have ended, and delete old ones that were never done."""
    forget_what_was_not_done()
