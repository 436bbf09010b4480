"""What Django answers by itself when something is wrong: under /api in the API's form, elsewhere its own pages."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import csrf, defaults

from nisam.lib.api_errors import DATABASE_UNAVAILABLE, error_body
from nisam.lib.errors import DATABASE_AWAY


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django refuses before a view sees it, such as an unknown host or a thousand parameters."""
    if not _is_of_the_api(request):
        return defaults.bad_request(request, exception)
    return _error(HTTPStatus.BAD_REQUEST, "The request cannot be understood.", "BAD_REQUEST")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    if not _is_of_the_api(request):
        return defaults.permission_denied(request, exception)
    return _error(HTTPStatus.FORBIDDEN, "You may not do this.", "FORBIDDEN")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW."""
    if not _is_of_the_api(request):
        return csrf.csrf_failure(request, reason)
    return _error(HTTPStatus.FORBIDDEN, f"The CSRF token is not right: {reason}", "FORBIDDEN")


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500. Django has written the traceback to the log. Of a database that is away: 503, to be asked again."""
    if isinstance(sys.exc_info()[1], DATABASE_AWAY):
        return _unavailable(request)
    if not _is_of_the_api(request):
        return defaults.server_error(request)
    return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here; the log says what.", "INTERNAL_ERROR")


def _unavailable(request: HttpRequest) -> HttpResponse:
    if _is_of_the_api(request):
        response = _error(HTTPStatus.SERVICE_UNAVAILABLE, DATABASE_UNAVAILABLE, "UNAVAILABLE")
    else:
        page = f"<!doctype html><title>{DATABASE_UNAVAILABLE}</title><h1>{DATABASE_UNAVAILABLE}</h1>"
        response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = "5"
    return response


def _is_of_the_api(request: HttpRequest) -> bool:
    return request.path_info == "/api" or request.path_info.startswith("/api/")


def _error(status: HTTPStatus, message: str, code: str) -> HttpResponse:
    return JsonResponse(error_body(message, code), status=status)
