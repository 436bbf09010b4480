"""Addresses of the videos app."""

from django.urls import path

from nisam.lib import converters  # noqa: F401 - registers <key:…> and <words:…>
from videos.api.captions import VideoCaptions
from videos.api.catalogue import ShortList, SimilarVideos, VideoDetail, VideoList
from videos.api.front import Carousels, Hero
from videos.api.reactions import VideoLike, VideoLikeStatus, VideoView
from videos.api.taxonomy import CategoryDetail, CategoryList, TagList, TagStats
from videos.feeds import CategoryFeed, ChannelFeed, TagFeed, VideosFeed
from videos.pages import newest
from videos.sitemap import robots, sitemap

urlpatterns = [
    path("", newest, name="newest"),
    path("api/videos", VideoList.as_view()),
    path("api/videos/hero", Hero.as_view()),
    path("api/videos/carousels", Carousels.as_view()),
    path("api/videos/<key:key>", VideoDetail.as_view()),
    path("api/videos/<key:key>/view", VideoView.as_view()),
    path("api/videos/<key:key>/like", VideoLike.as_view()),
    path("api/videos/<key:key>/like-status", VideoLikeStatus.as_view()),
    path("api/videos/<key:key>/similar", SimilarVideos.as_view()),
    path("api/videos/<key:key>/captions", VideoCaptions.as_view()),
    path("api/shorts", ShortList.as_view()),
    path("api/categories", CategoryList.as_view()),
    path("api/categories/<key:slug>", CategoryDetail.as_view()),
    path("api/tags", TagList.as_view()),
    path("api/tags/stats", TagStats.as_view()),
    path("feeds/videos.atom", VideosFeed.as_view(), name="feed"),
    path("feeds/channels/<key:name>.atom", ChannelFeed.as_view()),
    path("feeds/categories/<key:name>.atom", CategoryFeed.as_view()),
    path("feeds/tags/<words:name>.atom", TagFeed.as_view()),  # a tag's name may have a slash
    path("robots.txt", robots),
    path("sitemap.xml", sitemap, name="sitemap"),
]
