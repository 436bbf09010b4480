"""Addresses of the scraping app."""

from django.contrib import admin
from django.urls import path

from scraping.api.analytics import Analytics, Stats
from scraping.api.scheduler import SchedulerDetail, SchedulerRun, SchedulerSwitch
from scraping.api.start import StartJob
from scraping.pages import dashboard, why_channel

urlpatterns = [
    path("admin/automation/", admin.site.admin_view(dashboard), name="automation"),
    path("admin/channels/channel/<uuid:pk>/why/", admin.site.admin_view(why_channel), name="why_channel"),
    path("api/automation/jobs/start", StartJob.as_view()),
    path("api/automation/stats", Stats.as_view()),
    path("api/automation/analytics", Analytics.as_view()),
    path("api/scheduler", SchedulerDetail.as_view()),
    path("api/scheduler/start", SchedulerSwitch.as_view(is_enabled=True)),
    path("api/scheduler/stop", SchedulerSwitch.as_view(is_enabled=False)),
    path("api/scheduler/run-now", SchedulerRun.as_view()),
]
