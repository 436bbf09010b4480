"""Addresses of the jobs app."""

from django.urls import path

from nisam.jobs.api import JobCancel, JobDetail, JobItems, JobRetry

urlpatterns = [
    path("api/automation/jobs/<uuid:job_id>", JobDetail.as_view()),
    path("api/automation/jobs/<uuid:job_id>/items", JobItems.as_view()),
    path("api/automation/jobs/<uuid:job_id>/cancel", JobCancel.as_view()),
    path("api/automation/jobs/<uuid:job_id>/retry", JobRetry.as_view()),
]
