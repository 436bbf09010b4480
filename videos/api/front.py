"""What a front page shows."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.freshness.declare import public
from nisam.freshness.models import Group
from nisam.freshness.views import PublicView
from nisam.lib import params
from nisam.lib.api_errors import BadParameterError
from nisam.lib.schema import whole_parameter
from videos import front
from videos.models import Video
from videos.serializers import CarouselsSerializer, VideoSerializer

PER_SECTION = 10
MOST_PER_SECTION = 24
_NAME = "|".join(front.SECTIONS)
_PARAMETERS = [
    whole_parameter("limit", default=PER_SECTION, minimum=1, maximum=MOST_PER_SECTION, words="Videos of each section."),
    OpenApiParameter(
        "sections",
        pattern=f"^(({_NAME})(,({_NAME}))*)?$",
        description="Names of sections, separated by commas; all if absent.",
    ),
]


@public(Group.VIDEOS, Group.HERO)
class Hero(PublicView):
    """GET /api/videos/hero."""

    @extend_schema(responses=VideoSerializer(allow_null=True))
    def get(self, request: Request) -> Response:
        """The video at the top of the site, or null."""
        found = front.hero()
        video = Video.objects.shown_by_id([found]).get(found) if found else None
        return Response(VideoSerializer(video).data if video else None)


@public(Group.VIDEOS, Group.HERO, Group.TAXONOMY, parameters=("limit", "sections"))
class Carousels(PublicView):
    """GET /api/videos/carousels."""

    @extend_schema(parameters=_PARAMETERS, responses=CarouselsSerializer)
    def get(self, request: Request) -> Response:
        """The sections that are asked for, all of them by default; the others are left out."""
        limit = params.whole(request, "limit", default=PER_SECTION, minimum=1, maximum=MOST_PER_SECTION)
        wanted = _wanted(request)
        makers: dict[str, tuple[str, Callable[[int], Any]]] = {
            "hero": ("hero", lambda _: front.hero()),
            "recent": ("recent", front.recent),
            "trending": ("trending", front.trending),
            "categories": ("byCategory", front.by_category),
            "popular": ("popular", front.popular),
        }
        sections = {name: make(limit) for section, (name, make) in makers.items() if section in wanted}
        videos = Video.objects.shown_by_id(_ids(sections))
        shown = {video_id: VideoSerializer(video).data for video_id, video in videos.items()}
        return Response({name: _filled(section, shown) for name, section in sections.items()})


def _wanted(request: Request) -> list[str]:
    raw = params.text(request, "sections")
    wanted = [name.strip() for name in raw.split(",")] if raw else list(front.SECTIONS)
    if not set(wanted) <= set(front.SECTIONS):
        raise BadParameterError("sections", f"names of {', '.join(front.SECTIONS)}, separated by commas")
    return wanted


def _ids(section: Any) -> list[UUID]:
    """Every id in a structure of ids."""
    if isinstance(section, UUID):
        return [section]
    inner = section.values() if isinstance(section, dict) else section or ()
    return [found for one in inner for found in _ids(one)]


def _filled(section: Any, shown: dict[UUID, Any]) -> Any:
    """The structure with videos for ids."""
    if isinstance(section, dict):
        return {name: _filled(one, shown) for name, one in section.items()}
    if isinstance(section, list):
        return [shown[one] for one in section if one in shown]
    return shown.get(section)
