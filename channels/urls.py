"""Addresses of the channels app."""

from django.urls import path

from channels.api import ChannelDetail, ChannelList, ChannelScrape
from nisam.lib import converters  # noqa: F401 - registers <key:…>

urlpatterns = [
    path("api/channels", ChannelList.as_view()),
    path("api/channels/<key:key>", ChannelDetail.as_view()),
    path("api/channels/<key:key>/scrape", ChannelScrape.as_view()),
]
