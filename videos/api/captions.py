"""What is said in a video, from the video's own database."""

from typing import Any, NoReturn

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.freshness.declare import public
from nisam.freshness.models import Group
from nisam.freshness.views import PublicView
from nisam.lib import params
from nisam.lib.api_errors import UnavailableError
from videos.captions.errors import CaptionsError
from videos.captions.match import LONGEST
from videos.captions.read import Captions, read_captions
from videos.models import Video

LONGEST_LANGUAGE = 60


class CueSerializer(serializers.Serializer[Any]):
    """A line of captions."""

    start = serializers.FloatField(help_text="Seconds from the video's beginning.")
    end = serializers.FloatField()
    text = serializers.CharField()
    snippet = serializers.CharField(required=False, help_text="With `search`: HTML with <mark>, the rest escaped.")


class CaptionsSerializer(serializers.Serializer[Any]):
    """The languages that a video's captions are in, and the cues of one of them."""

    languages = serializers.ListField(
        child=serializers.CharField(), help_text="What people wrote first, then what a machine heard."
    )
    language = serializers.CharField(allow_null=True, help_text="Of the cues; null when there are none.")
    cues = CueSerializer(many=True)


_PARAMETERS = [
    OpenApiParameter(
        "lang",
        {"type": "string", "maxLength": LONGEST_LANGUAGE, "pattern": r"^[^\u0000]*$"},
        description="A language, which stands for its regions too; the first of `languages` if absent.",
    ),
    OpenApiParameter(
        "search",
        {"type": "string", "maxLength": LONGEST, "pattern": r"^[^\u0000]*$"},
        description="Only cues in which each of these words is; the last one may go on.",
    ),
]


@public(Group.VIDEOS, Group.DATABASES, parameters=("lang", "search"))
class VideoCaptions(PublicView):
    """GET /api/videos/{id or slug}/captions."""

    @extend_schema(parameters=_PARAMETERS, responses=CaptionsSerializer)
    def get(self, request: Request, key: str) -> Response:
        """What is said in one language, or the lines in which something is said; nothing while nobody knows."""
        language = params.text(request, "lang", longest=LONGEST_LANGUAGE)
        search = params.text(request, "search", longest=LONGEST)
        video_id = Video.objects.in_catalogue().keyed(key).values_list("pk", flat=True).first()
        if video_id is None:
            raise Http404
        try:
            captions = read_captions(video_id, language=language, search=search)
        except CaptionsError as error:
            _refuse(error)
        return Response(_shown(captions))


def _shown(captions: Captions) -> dict[str, Any]:
    cues = [
        {"start": cue.start, "end": cue.end, "text": cue.text, **({"snippet": cue.snippet} if cue.snippet else {})}
        for cue in captions.cues
    ]
    return {"languages": captions.languages, "language": captions.language, "cues": cues}


def _refuse(error: CaptionsError) -> NoReturn:
    """In words for visitors, whom paths and repairs do not concern."""
    if error.transient:
        raise UnavailableError("The video's captions are being written. Try again soon.", error, seconds=5) from error
    seconds = round(error.retry_after.total_seconds())
    raise UnavailableError("The video's captions cannot be read at present.", error, seconds=seconds) from error
