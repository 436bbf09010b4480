"""The freshness app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FreshnessConfig(AppConfig):
    """Content versions and the HTTP cache of public answers."""

    name = "nisam.freshness"
    label = "freshness"
    verbose_name = "Freshness"

    def ready(self) -> None:
        """Listen to what Django tells of single rows and of relations, and of migrations."""
        from nisam.freshness import signals  # noqa: PLC0415 - models exist only now

        signals.connect()
        post_migrate.connect(signals.database_migrated, sender=self, dispatch_uid="freshness.migrated")
