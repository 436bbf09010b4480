"""The videos app."""

from django.apps import AppConfig


class VideosConfig(AppConfig):
    """The catalogue."""

    name = "videos"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Keep the search up to date with what Django saves."""
        from videos.search import signals  # noqa: PLC0415 - models exist only now

        signals.connect()
