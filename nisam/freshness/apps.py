"""The freshness app."""

from django.apps import AppConfig


class FreshnessConfig(AppConfig):
    """Content versions and the HTTP cache of public answers."""

    name = "nisam.freshness"
    label = "freshness"
    verbose_name = "Freshness"

    def ready(self) -> None:
        """Listen to what Django tells of single rows and of relations."""
        from nisam.freshness import signals  # noqa: PLC0415 - models exist only now

        signals.connect()
