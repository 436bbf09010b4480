"""Addresses of the videos app."""

from django.urls import path

from videos.api.catalogue import VideoDetail, VideoList
from videos.pages import newest

urlpatterns = [
    path("", newest, name="newest"),
    path("api/videos", VideoList.as_view()),
    path("api/videos/<str:key>", VideoDetail.as_view()),
]
