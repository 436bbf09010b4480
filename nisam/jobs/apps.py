"""The jobs app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    """Background work whose rows are the truth."""

    name = "nisam.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Let migrate add what Beat does."""
        from nisam import schedule  # noqa: PLC0415 - models exist only now

        post_migrate.connect(schedule.install, sender=self, dispatch_uid="nisam.schedule")
