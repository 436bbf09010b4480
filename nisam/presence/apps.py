"""The presence app."""

from django.apps import AppConfig


class PresenceConfig(AppConfig):
    """Who is alive."""

    name = "nisam.presence"
    label = "presence"

    def ready(self) -> None:
        """Let a worker tell of itself."""
        from nisam.presence import signs  # noqa: F401, PLC0415 - models exist only now
