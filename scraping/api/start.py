"""POST /api/automation/jobs/start."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from channels.follow import SCAN
from nisam.jobs.start import Started
from nisam.lib.api_errors import ConflictError, UnprocessableError
from nisam.lib.errors import OperationError
from nisam.lib.schema import errors
from nisam.lib.staff import StaffView
from scraping import begin
from scraping.schedule import DUE
from scraping.serializers import StartedSerializer, StartSerializer


class UnfitError(OperationError):
    """The fields of a body do not fit each other."""

    code = "unfit"
    permanent = True


class StartJob(StaffView):
    """POST /api/automation/jobs/start."""

    @extend_schema(request=StartSerializer, responses={202: StartedSerializer, **errors(404, 409, 422)})
    def post(self, request: Request) -> Response:
        """Start a job; 409 with the id of the one that does this already, 422 when there is nothing to do.

        full_sync reads every channel, channel_scan the one that targetId names, scheduler_incremental what is due.
        """
        body = StartSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            started = _start(requested_by=request.user.get_username(), **body.validated_data)
        except begin.UnknownChannelError as error:
            raise NotFound(str(error)) from error
        except OperationError as error:
            raise UnprocessableError(error) from error
        job = started.job
        if not started.created:
            raise ConflictError("A job does this already.", "JOB_RUNNING", jobId=str(job.pk))
        message = f"{job.type} of {job.total_items} target{'s' if job.total_items != 1 else ''} was started."
        return Response({"success": True, "jobId": job.pk, "message": message}, status=status.HTTP_202_ACCEPTED)


def _start(*, type: str, targetId: Any, incremental: bool, requested_by: str) -> Started:  # noqa: A002, N803 - the body's names
    if (type == SCAN) != bool(targetId):
        raise UnfitError(f"{SCAN} takes a targetId, the id of a channel; the other types take none.")
    if type == SCAN:
        return begin.read_channel(targetId, incremental=incremental, requested_by=requested_by)
    if type == begin.FULL:
        return begin.read_everything(incremental=incremental, requested_by=requested_by)
    if not incremental:
        raise UnfitError(f"{DUE} is incremental: a full pass of each list comes when it is due.")
    return begin.read_due(requested_by=requested_by)
