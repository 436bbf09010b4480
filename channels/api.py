"""Channels over REST: anybody reads them, staff follows, changes and scrapes them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models.functions import Coalesce
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels.filters import ChannelFilter
from channels.follow import AlreadyFollowedError, follow, scan
from channels.models import Channel, ChannelQuerySet
from channels.serializers import ChannelSerializer, FollowedSerializer, FollowSerializer, ScrapeSerializer
from nisam.freshness.declare import Public, public
from nisam.freshness.models import Group
from nisam.jobs.serializers import JobSerializer
from nisam.lib import params
from nisam.lib.api_errors import ConflictError, UnprocessableError
from nisam.lib.errors import OperationError
from nisam.lib.keyset import Order
from nisam.lib.listing import Listing
from nisam.lib.pagination import PARAMETERS
from nisam.lib.schema import errors

_PRIVATE = {"Cache-Control": "private, no-store"}


class ReadOrStaff(APIView):
    """Anybody reads; staff writes."""

    public: Public

    def perform_content_negotiation(self, request: Request, force: bool = True) -> Any:
        """Reading answers everybody alike, whatever they say that they accept."""
        return super().perform_content_negotiation(request, force=request.method in SAFE_METHODS)

    def perform_authentication(self, request: Request) -> None:
        """Credentials that are none keep nobody from reading, because they do not from what is stored."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            if request.method not in SAFE_METHODS:
                raise
            request.user = AnonymousUser()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the method."""
        super().initial(request, *args, **kwargs)
        # A method that there is not is told so afterwards, whatever the parameters.
        writes = request.method not in SAFE_METHODS and hasattr(self, str(request.method).lower())
        params.refuse_unknown(request, () if writes else self.public.parameters)

    def get_permissions(self) -> list[BasePermission]:
        """By method."""
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAdminUser()]


def find_channel(key: str) -> Channel:
    """The channel with this id or slug, or 404; staff also finds those not resolved yet."""
    channels = Channel.objects.with_video_count()
    try:
        channel = channels.filter(pk=UUID(key)).first()
    except ValueError:
        channel = channels.filter(slug=key).first()
    if channel is None:
        raise Http404
    return channel


@public(Group.CHANNELS, Group.VIDEOS, parameters=("sort", *ChannelFilter.base_filters, *PARAMETERS))
class ChannelList(ReadOrStaff, Listing):
    """GET and POST /api/channels: the channels whose identity is known."""

    serializer_class = ChannelSerializer
    filterset_class = ChannelFilter
    orders = (
        Order("name", "name"),
        Order("videoCount", "video_count", descending=True),
        Order("lastScraped", "scraped_at", descending=True),
    )

    def get_queryset(self) -> ChannelQuerySet:
        """The channels whose identity is known; those that were never read count as read in 1970."""
        channels = Channel.objects.in_catalogue().with_video_count()
        return channels.annotate(scraped_at=Coalesce("last_scraped_at", datetime(1970, 1, 1, tzinfo=UTC)))

    @extend_schema(request=FollowSerializer, responses={201: FollowedSerializer, **errors(409, 422)})
    def post(self, request: Request) -> Response:
        """Follow a channel: 201 at once, a job finds out who it is; 409 when it is there, 422 for a bad address."""
        body = FollowSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            channel = follow(body.validated_data["url"], name=body.validated_data["name"])
        except AlreadyFollowedError as error:
            raise ConflictError(str(error), error.code.upper(), channelId=str(error.channel.pk)) from error
        except OperationError as error:
            raise UnprocessableError(error) from error
        started = scan([channel], requested_by=request.user.get_username())
        data = {**ChannelSerializer(channel).data, "jobId": str(started.job.pk)}
        return Response(data, status=status.HTTP_201_CREATED)


@public(Group.CHANNELS, Group.VIDEOS)
class ChannelDetail(ReadOrStaff):
    """GET, PATCH and DELETE /api/channels/{id or slug}."""

    serializer_class = ChannelSerializer

    def get(self, request: Request, key: str) -> Response:
        """One channel; staff sees those that are not resolved yet as well."""
        channel = find_channel(key)
        if not (channel.is_resolved or request.user.is_staff):
            raise Http404
        return Response(ChannelSerializer(channel).data, headers=None if channel.is_resolved else _PRIVATE)

    @extend_schema(request=ChannelSerializer(partial=True), responses=ChannelSerializer)
    def patch(self, request: Request, key: str) -> Response:
        """Change name, isActive or intervalMinutes."""
        channel = find_channel(key)
        body = ChannelSerializer(channel, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        channel.edit(**body.validated_data)
        return Response(ChannelSerializer(channel).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Stop following a channel and take its videos out of the catalogue."""
        find_channel(key).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class ChannelScrape(APIView):
    """POST /api/channels/{id}/scrape."""

    @extend_schema(request=ScrapeSerializer, responses={202: JobSerializer, **errors(409, 422)})
    def post(self, request: Request, key: str) -> Response:
        """Read a channel now: 202 with the job; 409 with the id of the job that reads the channel already."""
        body = ScrapeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            started = scan(
                [find_channel(key)], requested_by=request.user.get_username(), full=body.validated_data["full"]
            )
        except OperationError as error:
            raise UnprocessableError(error) from error
        if not started.created:
            raise ConflictError("The channel is being read already.", "JOB_RUNNING", jobId=str(started.job.pk))
        return Response(JobSerializer(started.job).data, status=status.HTTP_202_ACCEPTED)
