"""Addresses of the scraping app."""

from django.contrib import admin
from django.urls import path

from scraping.pages import why_channel

urlpatterns = [
    path("admin/channels/channel/<uuid:pk>/why/", admin.site.admin_view(why_channel), name="why_channel"),
]
