"""What visitors do with videos. Anybody may, and nothing of it is ever cached."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nisam.lib import params
from nisam.lib.throttles import WindowThrottle, address
from videos import reactions
from videos.models import Video
from videos.visitors import new_visitor, remember, visitor_of


class DoneSerializer(serializers.Serializer[Video]):
    """What a like or a view is answered with."""

    success = serializers.BooleanField()
    likesCount = serializers.IntegerField()  # noqa: N815 - the API's name


class LikeStatusSerializer(serializers.Serializer[Video]):
    """Whether the visitor likes a video."""

    isLiked = serializers.BooleanField()  # noqa: N815 - the API's name
    likesCount = serializers.IntegerField()  # noqa: N815 - the API's name


class ReactionThrottle(WindowThrottle):
    """Sixty reactions a minute of a visitor, or of an address where nobody was seen yet."""

    name, allowed, seconds = "reactions", 60, 60

    def caller(self, request: Request) -> str:
        """The visitor, else the address."""
        return visitor_of(request) or address(request)


class ReactionView(APIView):
    """Reads the body, which may be anything that is JSON, and finds the video."""

    permission_classes = [AllowAny]
    throttle_classes = [ReactionThrottle]

    def video(self, request: Request, key: str) -> Video:
        """The video with this id or slug, or 404. Raises ParseError for a broken body."""
        _ = request.data
        return video_of(key)


class VideoView(ReactionView):
    """POST /api/videos/{id or slug}/view."""

    @extend_schema(request=None, responses=DoneSerializer)
    def post(self, request: Request, key: str) -> Response:
        """Somebody watched it; counts once in half an hour."""
        video, visitor = self.video(request, key), visitor_of(request) or new_visitor()
        with _still_there():
            reactions.watched(video.pk, visitor)
        return _done(request, video, visitor)


class VideoLike(ReactionView):
    """POST and DELETE /api/videos/{id or slug}/like."""

    @extend_schema(request=None, responses=DoneSerializer)
    def post(self, request: Request, key: str) -> Response:
        """Somebody likes it, once however often it is said."""
        video, visitor = self.video(request, key), visitor_of(request) or new_visitor()
        with _still_there():
            reactions.like(video.pk, visitor)
        return _done(request, video, visitor)

    @extend_schema(responses={200: DoneSerializer})
    def delete(self, request: Request, key: str) -> Response:
        """Somebody likes it no more."""
        video, visitor = self.video(request, key), visitor_of(request)
        if visitor is not None:
            with _still_there():
                reactions.unlike(video.pk, visitor)
        return _done(request, video, visitor)


class VideoLikeStatus(APIView):
    """GET /api/videos/{id or slug}/like-status."""

    permission_classes = [AllowAny]

    @extend_schema(responses=LikeStatusSerializer)
    def get(self, request: Request, key: str) -> Response:
        """Whether the visitor likes it, and how many do."""
        params.refuse_unknown(request, ())
        video = video_of(key)
        liked = reactions.is_liked(video.pk, visitor_of(request))
        return Response({"isLiked": liked, "likesCount": reactions.likes_count(video)})


def video_of(key: str) -> Video:
    """The video with this id or slug, with what its likes need, or 404."""
    video = Video.objects.in_catalogue().keyed(key).only("like_count").first()
    if video is None:
        raise Http404
    return video


@contextmanager
def _still_there() -> Iterator[None]:
    """A video that is deleted at this moment is a 404 as well."""
    try:
        yield
    except IntegrityError as error:
        raise Http404 from error


def _done(request: Request, video: Video, visitor: str | None) -> Response:
    response = Response({"success": True, "likesCount": reactions.likes_count(video)})
    if visitor is not None:
        remember(request, response, visitor)
    return response
