"""What Beat does and how often: rows in the database, where an operator may change them in the admin."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask


@dataclass(frozen=True)
class Regular:
    """A task that runs every `seconds`, or daily at `hour`:17 UTC."""

    name: str
    task: str
    seconds: int = 0
    hour: int = 0


def regular_tasks() -> list[Regular]:
    """What a new installation does regularly."""
    return [
        Regular("reap: hand out lost work, wake workers", "nisam.jobs.reap", seconds=settings.JOB_REAPER_SECONDS),
        Regular("dispatch: scrape what is due", "scraping.dispatch_due", seconds=60),
        Regular("details: read the pages of videos", "scraping.dispatch_details", seconds=60),
        Regular("merge: add likes and views to the videos", "videos.merge_reactions", seconds=300),
        Regular("search: learn the words of new videos", "videos.learn_words", seconds=300),
        Regular("fleet: scan the databases", "dbadmin.scan_fleets", seconds=3600),
        Regular("fleet: check databases thoroughly", "dbadmin.check_fleets", hour=3),
        Regular("fleet: remove old snapshots", "dbadmin.prune_snapshots", hour=5),
        Regular("fleet: forget changes that were never done", "dbadmin.prune_changes", hour=5),
        Regular("prune: forget old jobs", "nisam.jobs.prune", hour=4),
    ]


def install(using: str = "default", **_: Any) -> None:
    """Add the regular tasks that are not there, after migrate; one that an operator changed stays as it is."""
    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():  # noqa: SLF001
        return
    for regular in regular_tasks():
        if not PeriodicTask.objects.filter(name=regular.name).exists():
            _add(regular)


def _add(regular: Regular) -> None:
    if regular.seconds:
        interval, _ = IntervalSchedule.objects.get_or_create(every=regular.seconds, period="seconds")
        # A tick that no worker took in time is dropped: the next one does its work.
        PeriodicTask.objects.create(
            name=regular.name, task=regular.task, interval=interval, expire_seconds=max(60, regular.seconds)
        )
    else:
        daily, _ = CrontabSchedule.objects.get_or_create(minute="17", hour=str(regular.hour), timezone="UTC")
        PeriodicTask.objects.create(name=regular.name, task=regular.task, crontab=daily)
