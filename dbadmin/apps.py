"""The dbadmin app."""

from django.apps import AppConfig


class DbadminConfig(AppConfig):
    """The fleet of per-video SQLite databases."""

    name = "dbadmin"
    verbose_name = "Databases"

    def ready(self) -> None:
        """Register the system checks."""
        from dbadmin import checks  # noqa: F401, PLC0415 - registers by being imported
