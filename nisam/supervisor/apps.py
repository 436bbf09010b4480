"""The supervisor app."""

from django.apps import AppConfig


class SupervisorConfig(AppConfig):
    """Every process of nisam under one command."""

    name = "nisam.supervisor"
