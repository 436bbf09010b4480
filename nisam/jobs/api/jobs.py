"""The history of jobs, one job, and its items."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.jobs.api.find import find_job
from nisam.jobs.filters import JobFilter, JobItemFilter
from nisam.jobs.models import Job, JobItem
from nisam.jobs.prune import forget
from nisam.jobs.serializers import JobItemSerializer, JobSerializer
from nisam.jobs.start import NotFinishedError
from nisam.lib import params
from nisam.lib.api_errors import ConflictError
from nisam.lib.filters import Filters
from nisam.lib.keyset import Order
from nisam.lib.listing import Listing
from nisam.lib.pagination import PARAMETERS
from nisam.lib.schema import errors, whole_parameter
from nisam.lib.staff import StaffView

_PAGE = [
    whole_parameter(
        "limit", default=params.DEFAULT_LIMIT, minimum=1, maximum=params.MAX_LIMIT, words="Jobs of a page."
    ),
    whole_parameter("offset", default=0, minimum=0, maximum=params.MAX_OFFSET),
]
_HISTORY = inline_serializer(
    "JobHistory", {"jobs": JobSerializer(many=True), "total": serializers.IntegerField(min_value=0)}
)


class JobList(StaffView):
    """GET /api/automation/jobs."""

    filterset_class = JobFilter
    parameters = (*JobFilter.base_filters, "limit", "offset")

    @extend_schema(operation_id="automation_jobs_list", parameters=_PAGE, responses=_HISTORY)
    def get(self, request: Request) -> Response:
        """The history of jobs, newest first, with the number of all that fit; four statements at most."""
        offset, limit = params.window(request)
        found = Filters().filter_queryset(request, Job.objects.all(), self)
        page = list(found.order_by("-created_at", "-id")[offset : offset + limit])
        return Response({"jobs": JobSerializer(page, many=True).data, "total": found.count()})


class ActiveJob(StaffView):
    """GET /api/automation/jobs/active."""

    @extend_schema(responses=JobSerializer(allow_null=True))
    def get(self, request: Request) -> Response:
        """The job that runs, the latest if there are several, else the next that waits; null when there is none."""
        job = Job.objects.newest_active()
        return Response(JobSerializer(job).data if job else None)


class JobDetail(StaffView):
    """GET and DELETE /api/automation/jobs/{id}."""

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """One job."""
        return Response(JobSerializer(find_job(job_id)).data)

    @extend_schema(responses={204: None, **errors(409)})
    def delete(self, request: Request, job_id: UUID) -> Response:
        """Forget a job that has ended, with its items and its log; 409 while it waits or runs."""
        try:
            forget(find_job(job_id))
        except NotFinishedError as error:
            raise ConflictError(str(error), error.code.upper()) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class JobItems(StaffView, Listing):
    """GET /api/automation/jobs/{id}/items: the targets of a job, in the order in which they are worked on."""

    serializer_class = JobItemSerializer
    filterset_class = JobItemFilter
    parameters = (*JobItemFilter.base_filters, *PARAMETERS)
    orders = (Order("position", "position"),)

    def get_queryset(self) -> QuerySet[JobItem, Any]:
        """The items of the job that the address names."""
        return find_job(self.kwargs["job_id"]).items.all()
