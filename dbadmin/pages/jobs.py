"""The page of a job over databases: its progress, then its plans or what came of it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from dbadmin.batch.items import changes_of
from dbadmin.batch.plan_classes import plan_classes
from dbadmin.batch.wish import BadWishError, Wish
from dbadmin.dashboard import jobs_of, words_of
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseChange, DatabaseChangeQuerySet, Outcome
from dbadmin.pages.frame import reading, render
from dbadmin.scan.start import SCAN
from nisam.jobs.models import FINISHED, Job
from nisam.jobs.registry import progress_of
from nisam.lib.durations import duration_words

# Databases that are named of those that fail or would; the rest is counted.
NAMED = 20


def find_job(fleet: Fleet, job_id: UUID) -> Job:
    """A job over the databases of a fleet, or 404."""
    return get_object_or_404(jobs_of(fleet.name), pk=job_id)


def wish_of_plan(job: Job, *, consents: bool) -> Wish:
    """What a dry run has planned, to be done. Consent is to its plans alone: the one hash, or each database's own.

    Without it what was to be removed and is empty is removed all the same: nobody is asked about that.

    Raises BadWishError for what is no dry run that has ended.
    """
    if not job.options.get("dry_run") or job.status not in FINISHED:
        raise BadWishError("There is no plan yet: wait for the end of the dry run.")
    wish = Wish.from_data(job.options)
    planned_by = str(job.pk) if consents or wish.allow_destructive else ""
    wish = replace(wish, dry_run=False, allow_destructive=consents)
    if not consents or len(wish.selection.ids) != 1:
        return replace(wish, planned_by=planned_by)
    planned = DatabaseChange.objects.filter(job_id=job.pk, outcome=Outcome.PLANNED).first()
    if planned is None:
        raise BadWishError("The dry run found nothing to agree to.")
    return replace(wish, plan_hash=planned.plan_hash)


@reading
def job_page(request: HttpRequest, fleet: Fleet, job_id: UUID) -> HttpResponse:
    """A job while it runs and after it; of a dry run its plans, to be carried out from here."""
    job = find_job(fleet, job_id)
    is_active = job.status not in FINISHED
    context: dict[str, Any] = {
        "job": job,
        "words": words_of(job),
        "is_active": is_active,
        "progress": progress_of(job),
        "took": duration_words(job.duration),
        "is_scan": job.type == SCAN,
        "is_dry_run": bool(job.options.get("dry_run")),
    }
    if job.type != SCAN:
        context |= _came(job)
    return render(request, fleet, "job.html", _title(job), **context)


def _title(job: Job) -> str:
    return "Plan" if job.options.get("dry_run") else job.type.removeprefix("database_").capitalize()


def _came(job: Job) -> dict[str, Any]:
    changes = changes_of(job).order_by()
    outcomes = dict(changes.values_list("outcome").annotate(number=Count("id")))
    classes = plan_classes(job)
    number_blocked = sum(one.blocked_databases for one in classes)
    number_destructive = sum(one.destructive for one in classes)
    ids = job.options["selection"]["ids"]
    return {
        "outcomes": outcomes,
        # Like the blocked ones of what the job has found: its changes go with the databases' rows.
        "number_planned": sum(one.databases for one in classes) - number_blocked,
        "number_blocked": number_blocked,
        # Of one database its plan says it all.
        "named": [
            *_named("Blocked", changes.blocked(), number_blocked),
            *_named("Would lose something", changes.destructive(), number_destructive),
        ]
        if len(ids) != 1
        else [],
        "failed": _first(changes.failed()) if outcomes.get(Outcome.FAILED) else [],
        "unnamed": max(0, outcomes.get(Outcome.FAILED, 0) - NAMED),
        "classes": classes,
        "destructive": number_destructive,
        "can_be_done": any(not one.is_blocked for one in classes),
        "drops_extra": job.options["allow_destructive"],
        "only": ids[0] if len(ids) == 1 else "",
    }


def _named(title: str, changes: DatabaseChangeQuerySet, number: int) -> list[dict[str, Any]]:
    """A list of the first of so many databases; none of none, which is not asked for."""
    if not number:
        return []
    return [{"title": title, "changes": _first(changes), "unnamed": max(0, number - NAMED)}]


def _first(changes: DatabaseChangeQuerySet) -> list[DatabaseChange]:
    return list(changes.select_related("record").order_by("id")[:NAMED])
