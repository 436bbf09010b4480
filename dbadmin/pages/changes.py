"""Forms that start something: each ends at the page of its job."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from dbadmin.alerts import acknowledge
from dbadmin.batch.start import start_change
from dbadmin.batch.wish import BadWishError, Wish
from dbadmin.fleets import Fleet
from dbadmin.models import DatabaseRecord, What
from dbadmin.pages.choose import selection_of
from dbadmin.pages.frame import writing
from dbadmin.pages.jobs import find_job, wish_of_plan
from dbadmin.scan.start import start_look, start_scan
from dbadmin.selection import Selection
from nisam.jobs.models import Job
from nisam.jobs.start import Started
from nisam.lib.errors import OperationError

# What has a plan; the form of many asks for a dry run whatever its button.
PLANNED_FOR = (What.REPAIR, What.MIGRATE)


class ChangeForm(forms.Form):
    """How databases are to be changed."""

    what = forms.ChoiceField(choices=What.choices)
    to_version = forms.IntegerField(required=False, min_value=1)
    dry_run = forms.BooleanField(required=False)
    allow_destructive = forms.BooleanField(required=False)
    snapshot = forms.CharField(required=False, max_length=400)


@writing
def scan(request: HttpRequest, fleet: Fleet) -> HttpResponse:
    """Look for what is new or changed, or read those that were chosen anew."""
    asked_by = request.user.get_username()
    try:
        selection = selection_of(fleet, request.POST) if "scope" in request.POST else Selection()
        if selection == Selection():
            started = start_scan(fleet, requested_by=asked_by, deep="deep" in request.POST)
        else:
            started = start_look(fleet, selection, requested_by=asked_by)
    except OperationError as error:
        return back(request, fleet, error)
    return to_job(request, fleet, started)


@writing
def change(request: HttpRequest, fleet: Fleet) -> HttpResponse:
    """Plan or carry out a change of what was chosen."""
    try:
        wish = _wish(fleet, request)
        started = start_change(fleet, wish, requested_by=request.user.get_username())
    except OperationError as error:
        return back(request, fleet, error)
    return to_job(request, fleet, started)


def _wish(fleet: Fleet, request: HttpRequest) -> Wish:
    form = ChangeForm(request.POST)
    if not form.is_valid():
        raise BadWishError(" ".join(f"{name}: {error}" for name, found in form.errors.items() for error in found))
    given: dict[str, Any] = form.cleaned_data
    return Wish(
        fleet.name,
        What(given["what"]),
        selection_of(fleet, request.POST),
        # The form of many has one field for it, which is not about its other buttons.
        to_version=given["to_version"] if given["what"] == What.MIGRATE else None,
        dry_run=given["dry_run"] and given["what"] in PLANNED_FOR,
        allow_destructive=given["allow_destructive"],
        snapshot=given["snapshot"],
    )


@writing
def carry_out_plan(request: HttpRequest, fleet: Fleet, job_id: UUID) -> HttpResponse:
    """Do what a dry run has shown; what would lose rows only with the consent that its page asks for."""
    job = find_job(fleet, job_id)
    try:
        wish = wish_of_plan(job, consents="consent" in request.POST)
        started = start_change(fleet, wish, requested_by=request.user.get_username())
    except OperationError as error:
        messages.error(request, str(error))
        return redirect("fleet_job", fleet.name, job_id)
    return to_job(request, fleet, started)


@writing
def acknowledge_alert(request: HttpRequest, fleet: Fleet, alert_id: UUID) -> HttpResponse:
    """Take note of an alert."""
    acknowledge(alert_id, by=request.user.get_username())
    messages.success(request, "The alert is acknowledged.")
    return redirect("fleet_overview", fleet.name)


def to_job(request: HttpRequest, fleet: Fleet, started: Started) -> HttpResponse:
    """To the page of what was started, or of what does it already."""
    if not started.created:
        messages.warning(request, _joined(started.job))
    return redirect("fleet_job", fleet.name, started.job.pk)


def _joined(job: Job) -> str:
    return f"Nothing new was started: this job, {job.status} since {job.created_at:%H:%M:%S} UTC, works on it already."


def _sent_from(request: HttpRequest) -> str:
    """The database whose page a form was on; empty for any other."""
    return request.POST.get("from", "").replace("\x00", "")


def back(request: HttpRequest, fleet: Fleet, error: OperationError) -> HttpResponse:
    """To where the form was, with what is wrong."""
    messages.error(request, str(error))
    database = DatabaseRecord.objects.of(fleet.name).filter(database_id=_sent_from(request)).first()
    if database:
        return redirect("fleet_database", fleet.name, database.database_id)
    return redirect("fleet_list" if "scope" in request.POST else "fleet_overview", fleet.name)
