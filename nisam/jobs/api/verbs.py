"""Stopping a job, and starting again what failed in it."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.jobs.api.find import find_job
from nisam.jobs.cancel import request_cancel
from nisam.jobs.serializers import JobSerializer
from nisam.jobs.start import retry
from nisam.lib.api_errors import ConflictError
from nisam.lib.errors import OperationError
from nisam.lib.schema import errors
from nisam.lib.staff import StaffView


class JobCancel(StaffView):
    """POST /api/automation/jobs/{id}/cancel."""

    @extend_schema(request=None, responses={200: JobSerializer, **errors(409)})
    def post(self, request: Request, job_id: UUID) -> Response:
        """Ask a job to stop; 409 when it has ended."""
        try:
            job = request_cancel(find_job(job_id), requested_by=request.user.get_username())
        except OperationError as error:
            raise ConflictError(str(error), error.code.upper()) from error
        return Response(JobSerializer(job).data)


class JobRetry(StaffView):
    """POST /api/automation/jobs/{id}/retry."""

    @extend_schema(request=None, responses={202: JobSerializer, **errors(409)})
    def post(self, request: Request, job_id: UUID) -> Response:
        """A new job of the failed items; 409 when nothing failed or the job still runs."""
        try:
            started = retry(find_job(job_id), requested_by=request.user.get_username())
        except OperationError as error:
            raise ConflictError(str(error), error.code.upper()) from error
        return Response(JobSerializer(started.job).data, status=status.HTTP_202_ACCEPTED)
