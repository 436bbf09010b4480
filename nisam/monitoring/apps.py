"""The monitoring app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """System checks, health and metrics."""

    name = "nisam.monitoring"

    def ready(self) -> None:
        """Register the system checks."""
        from nisam.monitoring import checks  # noqa: F401, PLC0415 - registers by being imported
