"""nisam, a self-hosted video hub."""

from nisam.celery import app as celery_app

__all__ = ["celery_app"]
