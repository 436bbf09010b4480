"""Lists of videos, and one video."""

from typing import Any

from django.http import Http404, HttpResponsePermanentRedirect
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.freshness.declare import public
from nisam.freshness.models import Group
from nisam.freshness.views import PublicView
from nisam.lib import params
from nisam.lib.api_errors import BadParameterError
from nisam.lib.keyset import Order
from nisam.lib.listing import Listing
from nisam.lib.pagination import PARAMETERS
from nisam.lib.schema import whole_parameter
from videos import orders
from videos.filters import ShortsFilter, VideoFilter
from videos.models import ON_ITS_PAGE, FormerSlug, Kind, Video
from videos.search.highlight import highlight, snippet
from videos.serializers import FoundVideoSerializer, VideoPageSerializer, VideoSerializer
from videos.similar import MOST, similar


@extend_schema(responses=FoundVideoSerializer(many=True))
@public(Group.VIDEOS, parameters=("sort", *VideoFilter.base_filters, *PARAMETERS))
class VideoList(PublicView, Listing):
    """GET /api/videos: the videos of the catalogue."""

    serializer_class = VideoSerializer
    filterset_class = VideoFilter
    queryset = Video.objects.in_catalogue().shown()
    orders = (orders.NEWEST, orders.OLDEST, orders.ADDED, orders.VIEWS, orders.TRENDING, orders.RELEVANCE)

    def order(self, request: Request) -> Order:
        """Newest first, what fits best first when something is searched for, or what is asked for."""
        is_search = bool(request.query_params.get("search", "").strip())
        if is_search and "sort" not in request.query_params:
            return orders.RELEVANCE
        order = super().order(request)
        if order is orders.RELEVANCE and not is_search:
            raise BadParameterError("sort", "relevance only beside “search”")
        return order

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The page, with what was searched for marked in titles and descriptions."""
        response = super().list(request, *args, **kwargs)
        if terms := getattr(request, "searched", None):
            for video in response.data:
                video["highlight"] = {
                    "title": highlight(video["title"], terms),
                    "description": snippet(video["description"], terms),
                }
        return response


@public(Group.VIDEOS, parameters=(*ShortsFilter.base_filters, *PARAMETERS))
class ShortList(PublicView, Listing):
    """GET /api/shorts: short videos, newest first."""

    serializer_class = VideoSerializer
    filterset_class = ShortsFilter
    queryset = Video.objects.in_catalogue().filter(kind=Kind.SHORT).shown()
    orders = (orders.NEWEST,)


@public(Group.VIDEOS)
class VideoDetail(PublicView):
    """GET /api/videos/{id or slug}."""

    @extend_schema(responses={200: VideoPageSerializer, 301: OpenApiResponse(description="A slug it had before.")})
    def get(self, request: Request, key: str) -> Response | HttpResponsePermanentRedirect:
        """One video; a slug that it had before leads to the one it has."""
        video = Video.objects.in_catalogue().keyed(key).shown(*ON_ITS_PAGE).first()
        if video:
            return Response(VideoPageSerializer(video).data)
        former = FormerSlug.objects.filter(slug=key, video__deleted_at=None).select_related("video").first()
        if former is None:
            raise Http404
        return HttpResponsePermanentRedirect(f"/api/videos/{former.video.slug}")


@public(Group.VIDEOS, parameters=("limit",))
class SimilarVideos(PublicView):
    """GET /api/videos/{id or slug}/similar."""

    @extend_schema(
        parameters=[whole_parameter("limit", default=MOST, minimum=1, maximum=MOST)],
        responses=VideoSerializer(many=True),
    )
    def get(self, request: Request, key: str) -> Response:
        """Videos that share its rarer tags, then others of its channel."""
        limit = params.whole(request, "limit", default=MOST, minimum=1, maximum=MOST)
        video = Video.objects.in_catalogue().keyed(key).first()
        if video is None:
            raise Http404
        return Response(VideoSerializer(similar(video, limit), many=True).data)
