"""Every error of the API in one form: {"error": a sentence, "code": a word, "details": {…}}."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_exception_handler

from nisam.lib.errors import OperationError

_CODES = {
    400: "BAD_REQUEST",
    401: "NOT_AUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    409: "CONFLICT",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "UNPROCESSABLE",
    429: "TOO_MANY_REQUESTS",
}

# With 503; also of SQLite's own complaints, which come as the same class.
DATABASE_UNAVAILABLE = "The database cannot be used at present; the log says why. Try again soon."


class BadParameterError(exceptions.APIException):
    """A query parameter that cannot be used: 400, naming it and what it takes."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, parameter: str, accepts: str) -> None:
        super().__init__(f"The parameter “{parameter}” takes {accepts}.", code="BAD_PARAMETER")
        self.details = {"parameter": parameter, "accepts": accepts}


class ConflictError(exceptions.APIException):
    """The request contradicts the present state: 409."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, message: str, code: str, **details: Any) -> None:
        super().__init__(message, code=code)
        self.details = details


class UnprocessableError(exceptions.APIException):
    """A well-formed request for something that cannot be done: 422."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY

    def __init__(self, error: OperationError, **details: Any) -> None:
        super().__init__(str(error), code=error.code.upper())
        self.details = details


class UnavailableError(exceptions.APIException):
    """Something that should be there cannot be had at present: 503, with the `seconds` after which to try again."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE

    def __init__(self, message: str, error: OperationError, *, seconds: int) -> None:
        super().__init__(message, code=error.code.upper())
        self.wait = seconds  # which becomes Retry-After


def error_body(message: str, code: str, details: Any = None) -> dict[str, Any]:
    """The body of an error response."""
    return {"error": message, "code": code, "details": details or {}}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's EXCEPTION_HANDLER."""
    response = rest_exception_handler(error, context)
    if response is None:
        return None
    code = _CODES.get(response.status_code, "ERROR")
    details = getattr(error, "details", {})
    if isinstance(error, exceptions.ValidationError):
        message, details = "The request body is not valid: see details.", response.data
    elif isinstance(error, Http404):
        message = "There is no such thing."
    elif isinstance(error, PermissionDenied):
        message = "You may not do this."
    else:
        message = str(getattr(error, "detail", error))
    given = error.get_codes() if isinstance(error, exceptions.APIException) else None
    if isinstance(given, str) and given.isupper():
        code = given
    response.data = error_body(message, code, details)
    return response


@csrf_exempt  # nothing happens there, whatever the method
def not_found(request: HttpRequest) -> JsonResponse:
    """The answer to an unknown path under /api."""
    return JsonResponse(error_body(f"There is nothing at {request.path}.", "NOT_FOUND"), status=404)
