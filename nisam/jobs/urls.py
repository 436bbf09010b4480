"""Addresses of the jobs app."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from nisam.jobs.api.jobs import ActiveJob, JobDetail, JobItems, JobList
from nisam.jobs.api.logs import JobLog
from nisam.jobs.api.streams import ActiveStream, JobStream
from nisam.jobs.api.verbs import JobCancel, JobRetry
from nisam.jobs.pages import job_page

history = RedirectView.as_view(pattern_name="admin:jobs_job_changelist", query_string=True)

urlpatterns = [
    path("admin/automation/jobs/", history),
    path("admin/automation/jobs/<uuid:job_id>/", admin.site.admin_view(job_page), name="automation_job"),
    path("api/automation/jobs", JobList.as_view()),
    path("api/automation/jobs/active", ActiveJob.as_view()),
    path("api/automation/jobs/<uuid:job_id>", JobDetail.as_view()),
    path("api/automation/jobs/<uuid:job_id>/items", JobItems.as_view()),
    path("api/automation/jobs/<uuid:job_id>/logs", JobLog.as_view()),
    path("api/automation/jobs/<uuid:job_id>/cancel", JobCancel.as_view()),
    path("api/automation/jobs/<uuid:job_id>/retry", JobRetry.as_view()),
    path("api/automation/jobs/<uuid:job_id>/stream", JobStream.as_view()),
    path("api/automation/jobs/active/stream", ActiveStream.as_view()),
    # The same, where those look who work on databases.
    path("api/admin/jobs/<uuid:job_id>", JobDetail.as_view()),
    path("api/admin/jobs/<uuid:job_id>/cancel", JobCancel.as_view()),
    path("api/admin/jobs/<uuid:job_id>/stream", JobStream.as_view()),
]
