"""Atom feeds of the newest videos (RFC 4287)."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from channels.models import Channel
from nisam.freshness.declare import public
from nisam.freshness.models import Group
from nisam.freshness.views import PublicView
from videos.models import Category, Precision, Tag, Video, VideoQuerySet

ENTRIES = 50
# `updated` of a feed without entries: never the time of the request, which would change with nothing else.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# What XML 1.0 cannot say at all, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Subject:
    """What a feed is about: its title, the page it belongs to (empty: this site), and its videos."""

    title: str
    videos: VideoQuerySet
    link: str = ""


class Atom(Atom1Feed):
    """Atom with pictures (Media RSS), dated by its entries alone."""

    def root_attributes(self) -> dict[str, str]:
        """The feed's namespaces."""
        return {**super().root_attributes(), "xmlns:media": "http://search.yahoo.com/mrss/"}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """An entry, with its picture."""
        super().add_item_elements(handler, item)
        if item["thumbnail"]:
            handler.addQuickElement("media:thumbnail", "", {"url": item["thumbnail"]})

    def latest_post_date(self) -> datetime:
        """The date of the newest entry."""
        return super().latest_post_date() if self.items else _NEVER


@public(Group.VIDEOS, by_host=True)
class VideosFeed(PublicView):
    """GET /feeds/videos.atom; the others differ in their subject."""

    @extend_schema(exclude=True)
    def get(self, request: Request, name: str = "") -> HttpResponse:
        """The newest videos."""
        subject = self.subject(name)
        page, itself = request.build_absolute_uri("/"), request.build_absolute_uri(escape_uri_path(request.path))
        # The same under http and https.
        guid = uuid.uuid5(uuid.NAMESPACE_URL, itself.partition(":")[2])
        feed = Atom(_xml(subject.title), subject.link or page, None, feed_url=itself, feed_guid=guid.urn)
        # Chosen first and fetched then: of a tag with many videos only these are read.
        ids = list(subject.videos.newest_first().values_list("pk", flat=True)[:ENTRIES])
        for video in Video.objects.filter(pk__in=ids).select_related("channel").newest_first():
            feed.add_item(**_entry(video))
        return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)

    def subject(self, name: str) -> Subject:  # noqa: ARG002 - others have one
        """What the feed is about. Raises Http404."""
        return Subject("New videos", Video.objects.in_catalogue())


@public(Group.VIDEOS, Group.CHANNELS, by_host=True)
class ChannelFeed(VideosFeed):
    """GET /feeds/channels/{slug}.atom."""

    def subject(self, name: str) -> Subject:
        """A channel's videos."""
        channel = Channel.objects.in_catalogue().filter(slug=name).first()
        if channel is None:
            raise Http404
        return Subject(channel.name, Video.objects.in_catalogue().filter(channel=channel), channel.url)


@public(Group.VIDEOS, Group.TAXONOMY, by_host=True)
class CategoryFeed(VideosFeed):
    """GET /feeds/categories/{slug}.atom."""

    def subject(self, name: str) -> Subject:
        """The videos of a category."""
        category = Category.objects.filter(slug=name).first()
        if category is None:
            raise Http404
        return Subject(category.name, Video.objects.in_catalogue().in_category(category.pk))


@public(Group.VIDEOS, Group.TAXONOMY, by_host=True)
class TagFeed(VideosFeed):
    """GET /feeds/tags/{name}.atom: the name of a tag, quoted as URLs need it, in any capitals."""

    def subject(self, name: str) -> Subject:
        """The videos of a tag."""
        tag = Tag.objects.known_as(name)
        if tag is None:
            raise Http404
        return Subject(tag.name, Video.objects.in_catalogue().tagged(tag.pk))


def _entry(video: Video) -> dict[str, Any]:
    """An entry of a feed. Its id is the video's, so that it stays what it is in every feed and under every address."""
    known = video.published_precision != Precision.UNKNOWN
    return {
        "title": _xml(video.title or video.external_id),
        "link": video.url,
        "description": linebreaks(_xml(video.description), autoescape=True) if video.description else None,
        "unique_id": video.pk.urn,
        "pubdate": video.published_at if known else None,
        # Not when the row was last written: that changes with each count of views.
        "updateddate": video.published_at,
        "author_name": _xml(video.channel.name),
        "thumbnail": iri_to_uri(video.thumbnail_url),
    }


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
