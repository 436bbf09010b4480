"""The scraping app."""

from django.apps import AppConfig


class ScrapingConfig(AppConfig):
    """Reading platforms into the catalogue."""

    name = "scraping"
    verbose_name = "Scraping"

    def ready(self) -> None:
        """Declare the job types."""
        from scraping import details, scan  # noqa: F401, PLC0415 - models exist only now
