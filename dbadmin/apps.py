"""The dbadmin app."""

from django.apps import AppConfig


class DbadminConfig(AppConfig):
    """The fleet of per-video SQLite databases."""

    name = "dbadmin"
    verbose_name = "Databases"

    def ready(self) -> None:
        """Declare the job types."""
        from dbadmin.scan import job  # noqa: F401, PLC0415 - models exist only now
