"""A job's log: some of its lines as JSON, or all of them as a file."""

from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.jobs.api.find import find_job
from nisam.jobs.log_files import FORMS
from nisam.jobs.models import Job, JobEvent, JobEventQuerySet, Level
from nisam.jobs.serializers import LogEntrySerializer
from nisam.lib import params
from nisam.lib.schema import whole_parameter
from nisam.lib.staff import StaffView
from nisam.lib.streaming import streamed

DEFAULT, MOST = 200, 1000
LAST = 2**63 - 1
_PARAMETERS = [
    whole_parameter("after", default=0, minimum=0, maximum=LAST, words="Only lines with a higher sequence."),
    whole_parameter("limit", default=DEFAULT, minimum=1, maximum=MOST, words="Lines; if absent, a file has all."),
    OpenApiParameter("level", enum=Level.values, description="This level and what is worse."),
    OpenApiParameter("channelId", OpenApiTypes.UUID, description="Lines about one channel."),
    OpenApiParameter("format", enum=["json", *FORMS], default="json", description="csv and ndjson are files."),
]
_RESPONSES = {
    (200, "application/json"): LogEntrySerializer(many=True),
    (200, "text/csv"): OpenApiTypes.STR,
    (200, "application/x-ndjson"): OpenApiTypes.STR,
}


class JobLog(StaffView):
    """GET /api/automation/jobs/{id}/logs."""

    parameters = ("after", "level", "channelId", "limit", "format")

    @extend_schema(parameters=_PARAMETERS, responses=_RESPONSES)
    def get(self, request: Request, job_id: UUID) -> Response | StreamingHttpResponse:
        """The lines after a sequence, oldest first; as csv or ndjson the whole log, sent while it is read."""
        job = find_job(job_id)
        form = params.one_of(request, "format", ("json", *FORMS), "json")
        limit = params.whole(request, "limit", default=DEFAULT, minimum=1, maximum=MOST)
        lines = _lines(request, job)
        if form == "json":
            return Response(LogEntrySerializer(lines[:limit], many=True).data)
        content_type, written = FORMS[form]
        most = limit if "limit" in request.query_params else None
        return streamed(request, written(lines, most), content_type=content_type, filename=f"job-{job.pk}.{form}")


def _lines(request: Request, job: Job) -> JobEventQuerySet:
    after = params.whole(request, "after", default=0, minimum=0, maximum=LAST)
    lines = JobEvent.objects.filter(job=job, sequence__gt=after).with_channel()
    if level := params.one_of(request, "level", Level.values):
        lines = lines.filter(level__in=Level.values[Level.values.index(level) :])
    if channel_id := params.identifier(request, "channelId"):
        lines = lines.filter(item__channel_id=channel_id)
    return lines
