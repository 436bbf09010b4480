"""The channels app."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """What is followed: channels, their tabs and their other names."""

    name = "channels"
    verbose_name = "Channels"
