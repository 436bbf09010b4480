"""The videos app."""

from django.apps import AppConfig


class VideosConfig(AppConfig):
    """The catalogue."""

    name = "videos"
    verbose_name = "Catalogue"
