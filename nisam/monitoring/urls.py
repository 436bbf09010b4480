"""Addresses for whatever watches nisam."""

from django.urls import path

from nisam.monitoring.api import live, ready

urlpatterns = [
    path("health", live),
    path("health/ready", ready),
]
