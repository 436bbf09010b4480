"""The staff's REST view of jobs."""

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nisam.jobs.cancel import request_cancel
from nisam.jobs.models import Job
from nisam.jobs.serializers import JobItemSerializer, JobSerializer
from nisam.jobs.start import retry
from nisam.lib.api_errors import ConflictError
from nisam.lib.errors import OperationError
from nisam.lib.schema import errors


def find_job(job_id: UUID) -> Job:
    """The job, or 404."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job


class JobDetail(APIView):
    """GET /api/automation/jobs/{id}."""

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """One job."""
        return Response(JobSerializer(find_job(job_id)).data)


class JobItems(APIView):
    """GET /api/automation/jobs/{id}/items."""

    @extend_schema(responses=JobItemSerializer(many=True))
    def get(self, request: Request, job_id: UUID) -> Response:
        """The targets of a job, in the order in which they are worked on."""
        items = find_job(job_id).items.order_by("position")
        return Response(JobItemSerializer(items, many=True).data)


class JobCancel(APIView):
    """POST /api/automation/jobs/{id}/cancel."""

    @extend_schema(request=None, responses={200: JobSerializer, **errors(409)})
    def post(self, request: Request, job_id: UUID) -> Response:
        """Ask a job to stop; 409 when it has ended."""
        try:
            job = request_cancel(find_job(job_id), requested_by=request.user.get_username())
        except OperationError as error:
            raise ConflictError(str(error), error.code.upper()) from error
        return Response(JobSerializer(job).data)


class JobRetry(APIView):
    """POST /api/automation/jobs/{id}/retry."""

    @extend_schema(request=None, responses={202: JobSerializer, **errors(409)})
    def post(self, request: Request, job_id: UUID) -> Response:
        """A new job of the failed items; 409 when nothing failed or the job still runs."""
        try:
            started = retry(find_job(job_id), requested_by=request.user.get_username())
        except OperationError as error:
            raise ConflictError(str(error), error.code.upper()) from error
        return Response(JobSerializer(started.job).data, status=status.HTTP_202_ACCEPTED)
