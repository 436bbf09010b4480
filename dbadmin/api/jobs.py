"""Jobs as the administration of databases shows them."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dbadmin.job_serializers import AdminJobSerializer
from nisam.jobs.api.find import find_job
from nisam.jobs.cancel import request_cancel
from nisam.lib.api_errors import ConflictError
from nisam.lib.errors import OperationError
from nisam.lib.schema import errors
from nisam.lib.staff import StaffView


class AdminJob(StaffView):
    """GET /api/admin/jobs/{id}."""

    @extend_schema(responses=AdminJobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """One job, of any type."""
        return Response(AdminJobSerializer(find_job(job_id)).data)


class AdminJobCancel(StaffView):
    """POST /api/admin/jobs/{id}/cancel."""

    @extend_schema(request=None, responses={200: AdminJobSerializer, **errors(409)})
    def post(self, request: Request, job_id: UUID) -> Response:
        """Ask a job to stop; 409 when it has ended."""
        try:
            job = request_cancel(find_job(job_id), requested_by=request.user.get_username())
        except OperationError as error:
            raise ConflictError(str(error), error.code.upper()) from error
        return Response(AdminJobSerializer(job).data)
