"""The staff's live streams of jobs."""

import uuid
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from nisam.jobs.api.find import find_job
from nisam.jobs.live.active import active_parts
from nisam.jobs.live.last_id import LastId, parse_last_id
from nisam.jobs.live.response import EventStream
from nisam.jobs.live.stream import Stream
from nisam.lib import params

_described = extend_schema(
    parameters=[
        OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER, description="The last id that was seen."),
        OpenApiParameter("lastEventId", str, description="The same, for the first connection of an EventSource."),
    ],
    responses={(200, "text/event-stream"): OpenApiResponse(OpenApiTypes.STR, "Server-sent events; see docs/api.md.")},
)


class StreamPart(APIView):
    """What the two streams have in common."""

    # No HEAD: it would be an answer without an end and without a body.
    http_method_names = ["get", "options"]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """JSON for errors, also where the client accepts events only."""
        return super().perform_content_negotiation(request, force=True)


class JobStream(StreamPart):
    """GET /api/automation/jobs/{id}/stream."""

    @_described
    def get(self, request: Request, job_id: uuid.UUID) -> EventStream:
        """The job, its log, and what is added to it, to its end."""
        last_id = _last_id(request)
        return EventStream(Stream(find_job(job_id).pk, last_id).parts())


class ActiveStream(StreamPart):
    """GET /api/automation/jobs/active/stream."""

    @_described
    def get(self, request: Request) -> EventStream:
        """The same of the job that is worked on now; waits while there is none."""
        return EventStream(active_parts(_last_id(request)))


def _last_id(request: Request) -> LastId:
    params.refuse_unknown(request, ("lastEventId",))
    return parse_last_id(request.headers.get("Last-Event-ID") or request.query_params.get("lastEventId", ""))
