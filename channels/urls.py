"""Addresses of the channels app."""

from django.urls import path

from channels.api import ChannelDetail, ChannelList, ChannelScrape

urlpatterns = [
    path("api/channels", ChannelList.as_view()),
    path("api/channels/<str:key>", ChannelDetail.as_view()),
    path("api/channels/<str:key>/scrape", ChannelScrape.as_view()),
]
