"""Public reading of the catalogue."""

from uuid import UUID

from django.http import Http404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nisam.freshness.declare import public
from nisam.freshness.models import Group
from nisam.lib import params
from videos.models import Kind, Video
from videos.serializers import VideoSerializer

_ORDERS = {"publishDate": ("-published_at", "-id"), "oldest": ("published_at", "id")}


@public(Group.VIDEOS, parameters=("channelId", "platform", "kind", "sort", "limit", "offset"))
class VideoList(APIView):
    """GET /api/videos."""

    permission_classes = [AllowAny]
    http_method_names = ["get", "head", "options"]

    def get(self, request: Request) -> Response:
        """The catalogue, newest first."""
        params.refuse_unknown(request, ("channelId", "platform", "kind", "sort", "limit", "offset"))
        videos = Video.objects.in_catalogue().with_relations()
        if channel_id := params.identifier(request, "channelId"):
            videos = videos.filter(channel_id=channel_id)
        if platform := params.text(request, "platform", longest=40):
            videos = videos.filter(platform=platform)
        if kind := params.one_of(request, "kind", Kind.values):
            videos = videos.filter(kind=kind)
        order = _ORDERS[params.one_of(request, "sort", tuple(_ORDERS), "publishDate")]
        offset, limit = params.window(request)
        return Response(VideoSerializer(videos.order_by(*order)[offset : offset + limit], many=True).data)


class VideoDetail(APIView):
    """GET /api/videos/{id or slug}."""

    permission_classes = [AllowAny]
    http_method_names = ["get", "head", "options"]

    def get(self, request: Request, key: str) -> Response:
        """One video."""
        params.refuse_unknown(request, ())
        videos = Video.objects.in_catalogue().with_relations()
        try:
            video = videos.filter(pk=UUID(key)).first()
        except ValueError:
            video = videos.filter(slug=key).first()
        if video is None:
            raise Http404
        return Response(VideoSerializer(video).data)
