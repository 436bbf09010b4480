"""The dbadmin app."""

from django.apps import AppConfig


class DbadminConfig(AppConfig):
    """The fleet of per-video SQLite databases."""

    name = "dbadmin"
    verbose_name = "Databases"
