"""The page of one job in the admin: live while it runs, and a replay afterwards."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from nisam.jobs.models import Job
from nisam.jobs.registry import event_names


@require_safe
def job_page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What a job works on, how far it is, each of its targets, and its log."""
    if not request.user.has_perm("jobs.view_job"):
        raise PermissionDenied
    job: Any = get_object_or_404(Job.objects.with_first_target(), pk=job_id)
    context = {
        **admin.site.each_context(request),
        **job_context(request, job),
        "title": job.headline(job.first_target),
    }
    return TemplateResponse(request, "admin/automation/job.html", context)


def job_context(request: HttpRequest, job: Job) -> dict[str, Any]:
    """What templates/admin/automation/live_job.html needs."""
    return {
        "job": job,
        "job_url": f"/api/automation/jobs/{job.pk}",
        "event_names": event_names(),
        "may_delete": request.user.has_perm("jobs.delete_job"),
    }
