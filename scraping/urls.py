"""Addresses of the scraping app."""

from django.contrib import admin
from django.urls import path

from scraping.pages import dashboard, why_channel

urlpatterns = [
    path("admin/automation/", admin.site.admin_view(dashboard), name="automation"),
    path("admin/channels/channel/<uuid:pk>/why/", admin.site.admin_view(why_channel), name="why_channel"),
]
