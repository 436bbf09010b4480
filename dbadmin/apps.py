"""The dbadmin app."""

from django.apps import AppConfig


class DbadminConfig(AppConfig):
    """The fleet of per-video SQLite databases."""

    name = "dbadmin"
    verbose_name = "Databases"

    def ready(self) -> None:
        """Register the system checks and declare the job types."""
        from dbadmin import checks  # noqa: F401, PLC0415 - settings exist only now
        from dbadmin.batch import job as changes  # noqa: F401, PLC0415 - models exist only now
        from dbadmin.scan import job  # noqa: F401, PLC0415
